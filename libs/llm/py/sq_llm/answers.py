"""Stores paid answers by the digest of their request."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from sq.v1.source_pb2 import AnswerCache
from sq_handoff import Store
from sq_llm.cache.entries import Entries
from sq_llm.cache.opened import place_at
from sq_llm.cache.place import Place
from sq_llm.cache.tally import Tally
from sq_llm.completion import Completion
from sq_stagekit import Work

_KIND = "answers"


@dataclass(frozen=True)
class KeptAnswer:
    """An answer and the work that paid for it. For all other work the answer is free."""

    completion: Completion
    buyer: str


class PaidAnswers:
    """Stores answers. Once `put` has returned, the answer survives a crash.

    Attributes:
        place: that holds them.
        buyer: the work that pays for new answers.
        tally: counts what was found.
        records: where the work that pays keeps what it submitted, which no other work needs; None for none.
    """

    def __init__(self, place: Place, buyer: str, tally: Tally | None = None, records: Store | None = None) -> None:
        self.place = place
        self.records = records
        self.buyer = buyer
        self.tally = tally or Tally()
        self._entries = Entries(place, _KIND, _read, self.tally)

    async def get(self, key: str) -> KeptAnswer | None:
        """The stored answer to a request, or None. `key` is "service/sha256 of the request in hexadecimal"."""
        name = _name(key)
        kept = (await self._entries.get([name])).get(name)
        if kept is not None:
            self.tally.add(_KIND, "own" if kept.buyer == self.buyer else "others")
        return kept

    async def put(self, key: str, completion: Completion) -> None:
        """Stores the answer to a request before it is used. An answer that is already stored stays."""
        await self._entries.put({_name(key): {"answer": completion.to_json(), "buyer": self.buyer}})

    async def close(self) -> None:
        """Closes what belongs to the running event loop. The next operation opens it again."""
        await self.place.close()


class KeepsAnswers(Protocol):
    """A message with the settings of a cache."""

    @property
    def cache_uri(self) -> str: ...

    @property
    def cache(self) -> AnswerCache: ...


def kept_answers(config: KeepsAnswers, work: Work, buyer: str, field: str = "") -> PaidAnswers:
    """The paid answers of a stage: in its cache_uri, or in the scratch folder of its output.

    Args:
        buyer: who pays for new answers.
        field: path of `config` in the configuration, with a dot at its end, for errors.

    Raises:
        InputError: the settings do not fit the place, or a secret is missing.
    """
    uri = config.cache_uri or work.scratch.uri
    answers = PaidAnswers(place_at(uri, config.cache, field), buyer, records=work.scratch)
    work.reuse(answers.tally)
    return answers


def _read(body: Mapping[str, Any]) -> KeptAnswer:
    if not isinstance(body["buyer"], str):
        raise TypeError("buyer is no text")
    return KeptAnswer(Completion.read(body["answer"]), body["buyer"])


def _name(key: str) -> str:
    service, _, digest = key.partition("/")
    return f"answers/{service}/{digest[:2]}/{digest}.json"
