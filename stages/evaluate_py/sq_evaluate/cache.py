"""Answers that were paid for, kept by the digest of their request."""

from __future__ import annotations

import json
from dataclasses import dataclass

from sq_handoff import Store


@dataclass(frozen=True)
class StoredAnswer:
    """An answer and the piece of work that paid for it.

    Attributes:
        answer: JSON of the judge's own shape.
        buyer: names the work; an answer bought by another is free.
    """

    answer: dict
    buyer: str


class PaidAnswers:
    """Keeps answers in a store. An answer that `put` has returned for survives a crash at any instant."""

    def __init__(self, store: Store, buyer: str) -> None:
        self._store = store
        self.buyer = buyer

    def get(self, key: str) -> StoredAnswer | None:
        """The answer to a request (its sha256, hexadecimal), or None where none is kept."""
        try:
            kept = json.loads(self._store.get(_name(key)))
        except FileNotFoundError:
            return None
        return StoredAnswer(kept["answer"], kept["buyer"])

    def put(self, key: str, answer: dict) -> None:
        """Keeps the answer to a request before anything is made of it; the first one stays."""
        kept = {"answer": answer, "buyer": self.buyer}
        self._store.put_once(_name(key), json.dumps(kept, sort_keys=True, ensure_ascii=False).encode())


def _name(key: str) -> str:
    return f"answers/{key[:2]}/{key}.json"
