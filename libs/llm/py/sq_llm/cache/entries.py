"""Entries of a place, sealed: each has its own name and a checksum, so damage and mix-ups are noticed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Generic, TypeVar

from sq_llm.cache.place import Place
from sq_llm.cache.tally import Tally

T = TypeVar("T")
_NAME, _SUM = "name", "sum"


class Entries(Generic[T]):
    """Entries of one kind.

    Args:
        kind: for the tally.
        read: what an entry holds; raises KeyError, TypeError or ValueError if that is not one of this kind.
    """

    def __init__(self, place: Place, kind: str, read: Callable[[Mapping[str, Any]], T], tally: Tally) -> None:
        self._place = place
        self._kind = kind
        self._read = read
        self._tally = tally
        self._corrupt: set[str] = set()

    async def get(self, names: Sequence[str]) -> dict[str, T]:
        """Those that are there. The others are counted as new, expired or corrupt."""
        found = await self._place.get(names)
        read: dict[str, T] = {}
        for name, data in found.entries.items():
            try:
                read[name] = self._read(unsealed(name, data))
            except (KeyError, TypeError, ValueError, RecursionError):
                self._corrupt.add(name)
                self._tally.corrupt(self._kind, name)
        self._tally.add(self._kind, "expired", len(found.expired))
        self._tally.add(self._kind, "new", len(names) - len(found.entries) - len(found.expired))
        return read

    async def put(self, bodies: Mapping[str, Mapping[str, Any]]) -> None:
        """Writes entries. Those that are there stay, unless they are corrupt."""
        entries = {name: sealed(name, body) for name, body in bodies.items()}
        corrupt = self._corrupt & entries.keys()
        if corrupt:
            await self._place.put({name: entries.pop(name) for name in corrupt}, replace=True)
            self._corrupt -= corrupt
        if entries:
            await self._place.put(entries)


def sealed(name: str, body: Mapping[str, Any]) -> bytes:
    """The bytes of an entry."""
    entry = {**body, _NAME: name}
    return _bytes({**entry, _SUM: _digest(entry)})


def unsealed(name: str, data: bytes) -> Mapping[str, Any]:
    """What an entry holds. Entries of earlier versions have neither name nor checksum; their form is all that is known.

    Raises:
        ValueError: it is no JSON object, its checksum is wrong, or it has another name.
    """
    entry = json.loads(data)
    if not isinstance(entry, dict):
        raise ValueError("the entry is no object")
    if _NAME not in entry and _SUM not in entry:
        return entry
    checksum = entry.pop(_SUM, None)
    if entry.get(_NAME) != name or checksum != _digest(entry):
        raise ValueError("the entry is damaged or another's")
    return entry


def _digest(entry: Mapping[str, Any]) -> str:
    return hashlib.sha256(_bytes(entry)).hexdigest()


def _bytes(entry: Mapping[str, Any]) -> bytes:
    return json.dumps(entry, sort_keys=True, ensure_ascii=False).encode("utf-8", "surrogatepass")
