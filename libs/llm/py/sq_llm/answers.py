"""Stores paid answers by the digest of their request."""

from __future__ import annotations

import json
from dataclasses import dataclass

from sq_handoff import Store
from sq_llm.completion import Completion


@dataclass(frozen=True)
class KeptAnswer:
    """An answer and the work that paid for it. For all other work the answer is free."""

    completion: Completion
    buyer: str


class PaidAnswers:
    """Stores answers. Once `put` has returned, the answer survives a crash.

    Attributes:
        records: where the work that pays keeps what it submitted, which no other work needs. By default, with the
            answers.
    """

    def __init__(self, store: Store, buyer: str, records: Store | None = None) -> None:
        self.store = store
        self.records = records or store
        self.buyer = buyer

    async def get(self, key: str) -> KeptAnswer | None:
        """The stored answer to a request, or None. `key` is "service/sha256 of the request in hexadecimal"."""
        try:
            kept = json.loads(await self.store.get_async(_name(key)))
        except FileNotFoundError:
            return None
        return KeptAnswer(Completion.read(kept["answer"]), kept["buyer"])

    async def put(self, key: str, completion: Completion) -> None:
        """Stores the answer to a request before it is used. An answer that is already stored stays."""
        kept = {"answer": completion.to_json(), "buyer": self.buyer}
        await self.store.put_once_async(_name(key), json.dumps(kept, sort_keys=True, ensure_ascii=False).encode())


def _name(key: str) -> str:
    service, _, digest = key.partition("/")
    return f"answers/{service}/{digest[:2]}/{digest}.json"
