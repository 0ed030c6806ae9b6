"""The answer of a model to one call."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import astuple, dataclass
from typing import Any

from sq_llm.failure import MalformedCompletionError
from sq_llm.usage import Tokens, Usage


@dataclass(frozen=True)
class Completion:
    """The parts of a chat completion that sq uses.

    Attributes:
        content: what the model wrote. It is valid Unicode.
        refusal: the model's reason to decline; "" if it did not decline.
        finish_reason: of the API: stop, length, content_filter.
        usage: of the calls that led to it; what the service did not state is estimated.
        reasoning_tokens: part of the output tokens that the model spent on reasoning.
        service_tier: in which the service answered, such as "flex"; "" if it does not say.
    """

    content: str
    refusal: str
    finish_reason: str
    usage: Usage
    reasoning_tokens: int = 0
    service_tier: str = ""

    @classmethod
    def of(cls, body: object, estimate: Usage) -> Completion:
        """Checks an answer and reads it. Nothing else reads what a service sent.

        Args:
            body: the JSON of the answer, or its text if it is no JSON.
            estimate: usage to count where the service states none.

        Raises:
            MalformedCompletionError: the answer is not a chat completion.
        """
        choices = body.get("choices") if isinstance(body, Mapping) else None
        choice = choices[0] if isinstance(choices, list) and choices else None
        message = choice.get("message") if isinstance(choice, Mapping) else None
        if not isinstance(message, Mapping):
            raise MalformedCompletionError(body)
        usage = body.get("usage")
        usage = usage if isinstance(usage, Mapping) else {}
        return cls(
            content=_text(message.get("content")),
            refusal=_text(message.get("refusal")),
            finish_reason=_text(choice.get("finish_reason")),
            usage=_usage(usage, estimate),
            reasoning_tokens=_count(_details(usage, "completion_tokens_details").get("reasoning_tokens")) or 0,
            service_tier=_text(body.get("service_tier")),
        )

    @classmethod
    def read(cls, kept: Mapping[str, Any]) -> Completion:
        """Reads what `to_json` returned. Raises KeyError, TypeError or ValueError for anything else."""
        counts = [kept[name] for name in ("input_tokens", "cached_tokens", "output_tokens")]
        calls, reasoning = kept.get("calls", 1), kept.get("reasoning_tokens", 0)
        reduced, fallbacks = kept.get("reduced", []), kept.get("fallbacks", 0)
        texts = [kept[name] for name in ("content", "refusal", "finish_reason")]
        tier = kept.get("service_tier", "")
        if not all(isinstance(text, str) for text in [*texts, tier]):
            raise TypeError("a text is missing")
        if any(_count(number) is None for number in [*counts, *reduced, calls, fallbacks, reasoning]):
            raise ValueError("a count is missing")
        return cls(*texts, Usage(calls, *counts, Tokens(*reduced), fallbacks), reasoning, tier)

    def to_json(self) -> dict[str, Any]:
        return {
            "content": self.content,
            "refusal": self.refusal,
            "finish_reason": self.finish_reason,
            "calls": self.usage.calls,
            "input_tokens": self.usage.input_tokens,
            "cached_tokens": self.usage.cached_tokens,
            "output_tokens": self.usage.output_tokens,
            "reduced": astuple(self.usage.reduced),
            "fallbacks": self.usage.fallbacks,
            "reasoning_tokens": self.reasoning_tokens,
            "service_tier": self.service_tier,
        }

    @property
    def refused(self) -> bool:
        """Whether the model declined, or a filter of the service rejected the request."""
        return bool(self.refusal) or self.finish_reason == "content_filter"

    @property
    def cut_off(self) -> bool:
        """Whether the answer reached its limit of tokens."""
        return self.finish_reason == "length"


def _usage(stated: Mapping[str, Any], estimate: Usage) -> Usage:
    input_tokens, output_tokens = _count(stated.get("prompt_tokens")), _count(stated.get("completion_tokens"))
    cached = _count(_details(stated, "prompt_tokens_details").get("cached_tokens")) or 0
    # Some services leave reasoning out of the completion's tokens, but count it in the total.
    total = _count(stated.get("total_tokens")) or 0
    input_tokens = estimate.input_tokens if input_tokens is None else input_tokens
    output_tokens = estimate.output_tokens if output_tokens is None else output_tokens
    return Usage(1, input_tokens, min(cached, input_tokens), max(output_tokens, total - input_tokens))


def _details(stated: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    details = stated.get(name)
    return details if isinstance(details, Mapping) else {}


def _count(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def _text(value: object) -> str:
    """Valid Unicode: JSON may name halves of surrogate pairs, which UTF-8 cannot encode. Parts of a text are joined."""
    if isinstance(value, list):
        value = "".join(_text(part.get("text")) for part in value if isinstance(part, Mapping))
    text = value if isinstance(value, str) else ""
    return text.encode("utf-8", "replace").decode()
