"""Answers that were paid for."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass

import rfc8785

from sq_handoff import Store


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of one call or of several; cached input tokens are part of the input tokens."""

    calls: int = 0
    input_tokens: int = 0
    cached_tokens: int = 0
    output_tokens: int = 0

    def __add__(self, other: Usage) -> Usage:
        return Usage(
            self.calls + other.calls,
            self.input_tokens + other.input_tokens,
            self.cached_tokens + other.cached_tokens,
            self.output_tokens + other.output_tokens,
        )


@dataclass(frozen=True, slots=True)
class Answer:
    """What the model wrote, and what it cost whom: `buyer` names the run that paid."""

    text: str
    usage: Usage
    buyer: str


def request_key(request: dict) -> str:
    """sha256 (hexadecimal) of a request's canonical JSON."""
    return hashlib.sha256(rfc8785.dumps(request)).hexdigest()


class PaidAnswers:
    """Keeps answers in a store by the key of their request. What `keep` returned from survives a crash."""

    def __init__(self, store: Store):
        self._store = store

    def find(self, key: str) -> Answer | None:
        try:
            kept = json.loads(self._store.get(_name(key)))
        except FileNotFoundError:
            return None
        return Answer(kept["text"], Usage(**kept["usage"]), kept["buyer"])

    def keep(self, key: str, answer: Answer) -> None:
        """The first answer to a request stays."""
        self._store.put_once(_name(key), rfc8785.dumps(asdict(answer)))


def _name(key: str) -> str:
    return f"translations/{key[:2]}/{key}.json"
