"""A model that answers each request once, however often the work is restarted."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass

import openai

from sq.v1.source_pb2 import OpenAiEndpoint
from sq_llm.answers import PaidAnswers
from sq_llm.completion import Completion
from sq_llm.usage import Usage
from sq_stagekit.secrets import read_secret

_TIMEOUT_SECONDS = 60.0
_MAX_RETRIES = 5
_SERVICE_LENGTH = 12


def connect(endpoint: OpenAiEndpoint, field: str) -> openai.OpenAI:
    """The client of a configured endpoint.

    Args:
        field: path of the endpoint in the configuration, for errors.

    Raises:
        InputError: there is no API key.
    """
    return openai.OpenAI(
        api_key=read_secret(endpoint.api_key, f"{field}.api_key", default_env="OPENAI_API_KEY"),
        base_url=endpoint.base_url or None,
        timeout=endpoint.timeout_seconds or _TIMEOUT_SECONDS,
        max_retries=endpoint.max_retries if endpoint.HasField("max_retries") else _MAX_RETRIES,
    )


@dataclass(frozen=True)
class Paid:
    """An answer and what it cost this work; nothing if other work paid for it."""

    completion: Completion
    used: Usage


class PaidModel:
    """A client that stores answers. Threads may share it."""

    def __init__(self, client: openai.OpenAI, answers: PaidAnswers) -> None:
        self._client = client
        self._answers = answers
        # Two services may serve different models under the same name.
        self._service = hashlib.sha256(str(client.base_url).encode()).hexdigest()[:_SERVICE_LENGTH]

    def ask(self, request: dict, *, may_call: bool) -> Paid | None:
        """The stored answer; without one, calls the model and stores its answer before returning it.

        Args:
            request: the arguments of a chat completion. Equal requests to a service have the same answer.
            may_call: whether the budget allows a call.

        Returns:
            None if no answer is stored and the budget does not allow a call.

        Raises:
            openai.APIError: the service gave no answer.
            MalformedCompletionError: the answer is not a chat completion.
        """
        key = f"{self._service}/{_digest(request)}"
        kept = self._answers.get(key)
        if kept is not None:
            free = kept.buyer != self._answers.buyer
            return Paid(kept.completion, Usage() if free else kept.completion.usage)
        if not may_call:
            return None
        completion = Completion.of(self._client.chat.completions.create(**request))
        self._answers.put(key, completion)
        return Paid(completion, completion.usage)


def _digest(request: dict) -> str:
    return hashlib.sha256(json.dumps(request, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
