"""Answers that were paid for, kept by the digest of their request."""

from __future__ import annotations

import json
from dataclasses import dataclass

from sq_handoff import Store
from sq_llm.completion import Completion


@dataclass(frozen=True)
class KeptAnswer:
    """An answer, and the piece of work that paid for it: an answer bought by another is free."""

    completion: Completion
    buyer: str


class PaidAnswers:
    """Keeps answers in a store. An answer that `put` has returned for survives a crash at any instant."""

    def __init__(self, store: Store, buyer: str) -> None:
        self._store = store
        self.buyer = buyer

    def get(self, key: str) -> KeptAnswer | None:
        """The answer to a request, or None where none is kept. Its key: service/sha256 of the request, hexadecimal."""
        try:
            kept = json.loads(self._store.get(_name(key)))
        except FileNotFoundError:
            return None
        return KeptAnswer(Completion.read(kept["answer"]), kept["buyer"])

    def put(self, key: str, completion: Completion) -> None:
        """Keeps the answer to a request before anything is made of it; the first one stays."""
        kept = {"answer": completion.to_json(), "buyer": self.buyer}
        self._store.put_once(_name(key), json.dumps(kept, sort_keys=True, ensure_ascii=False).encode())


def _name(key: str) -> str:
    service, _, digest = key.partition("/")
    return f"answers/{service}/{digest[:2]}/{digest}.json"
