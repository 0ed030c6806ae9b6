"""A model that is asked once for each question, however often a piece of work begins anew."""

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
        field: of the configuration that holds the endpoint, for the error.

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
    """An answer and what it cost this piece of work: nothing where another one paid."""

    completion: Completion
    used: Usage


class PaidModel:
    """A client with a memory. Its methods may be called from several threads at once."""

    def __init__(self, client: openai.OpenAI, answers: PaidAnswers) -> None:
        self._client = client
        self._answers = answers
        # Two services may serve different models under one name.
        self._service = hashlib.sha256(str(client.base_url).encode()).hexdigest()[:_SERVICE_LENGTH]

    def ask(self, request: dict, *, may_call: bool) -> Paid | None:
        """The kept answer, or one that is bought and kept before anything is made of it.

        Args:
            request: the arguments of a chat completion; equal requests to one service have one answer.
            may_call: whether the budget has room for a call.

        Returns:
            None where no answer is kept and none may be bought.

        Raises:
            openai.APIError: the service gave none.
            MalformedCompletionError: what it gave is no answer.
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
