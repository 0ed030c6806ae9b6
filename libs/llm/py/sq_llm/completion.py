"""The answer of a model to one call."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from openai.types.chat import ChatCompletion

from sq_llm.usage import Usage


class MalformedCompletionError(Exception):
    """The answer of the service is not a chat completion; the call counts as paid."""


@dataclass(frozen=True)
class Completion:
    """The parts of a chat completion that sq uses.

    Attributes:
        content: what the model wrote.
        refusal: the model's reason to decline; "" if it did not decline.
        finish_reason: of the API: stop, length, content_filter.
        usage: of this one call.
    """

    content: str
    refusal: str
    finish_reason: str
    usage: Usage

    @classmethod
    def of(cls, answer: ChatCompletion) -> Completion:
        """Raises MalformedCompletionError if the answer is not a chat completion."""
        try:
            choice, usage = answer.choices[0], answer.usage
            details = usage.prompt_tokens_details if usage else None
            return cls(
                content=choice.message.content or "",
                refusal=choice.message.refusal or "",
                finish_reason=choice.finish_reason,
                usage=Usage(
                    calls=1,
                    input_tokens=usage.prompt_tokens if usage else 0,
                    cached_tokens=(details.cached_tokens or 0) if details else 0,
                    output_tokens=usage.completion_tokens if usage else 0,
                ),
            )
        except (AttributeError, IndexError, TypeError) as error:
            raise MalformedCompletionError("the answer is not a chat completion") from error

    @classmethod
    def read(cls, kept: Mapping[str, Any]) -> Completion:
        """Reads what `to_json` returned."""
        usage = Usage(1, kept["input_tokens"], kept["cached_tokens"], kept["output_tokens"])
        return cls(kept["content"], kept["refusal"], kept["finish_reason"], usage)

    def to_json(self) -> dict[str, Any]:
        return {
            "content": self.content,
            "refusal": self.refusal,
            "finish_reason": self.finish_reason,
            "input_tokens": self.usage.input_tokens,
            "cached_tokens": self.usage.cached_tokens,
            "output_tokens": self.usage.output_tokens,
        }

    @property
    def refused(self) -> bool:
        """Whether the model declined, or a filter of the service rejected the request."""
        return bool(self.refusal) or self.finish_reason == "content_filter"
