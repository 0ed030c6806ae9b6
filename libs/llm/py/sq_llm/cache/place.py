"""The interface of places for entries, and object storage as one."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from sq_handoff import Store

# Requests to object storage at once, for one `get` or `put`.
_AT_ONCE = 32


@dataclass(frozen=True)
class Found:
    """Attributes:
    entries: by name, those that are there.
    expired: those that were there and are too old, where the place knows.
    """

    entries: dict[str, bytes] = field(default_factory=dict)
    expired: frozenset[str] = frozenset()


class Place(Protocol):
    """Holds entries by name. Several processes may use one at once.

    Every operation raises StorageAway, StorageFull or StorageRefused if the place does not do it.

    Attributes:
        takes_small_entries: whether many small entries cost little time and money.
    """

    takes_small_entries: bool

    async def get(self, names: Sequence[str]) -> Found:
        """The entries of these names that are there."""
        ...

    async def put(self, entries: Mapping[str, bytes], *, replace: bool = False) -> None:
        """Writes entries. Once it has returned, they survive the end of this process, however it ends.

        Args:
            replace: write over entries of these names, which otherwise stay.
        """
        ...

    async def close(self) -> None:
        """Closes what belongs to the running event loop. The next operation opens it again."""
        ...


class Objects:
    """An object for each entry. Entries do not age here: the bucket's own rules delete old objects."""

    takes_small_entries = False

    def __init__(self, store: Store) -> None:
        self._store = store

    async def get(self, names: Sequence[str]) -> Found:
        gate = asyncio.Semaphore(_AT_ONCE)

        async def one(name: str) -> bytes | None:
            async with gate:
                try:
                    return await self._store.get_async(name)
                except FileNotFoundError:
                    return None

        read = zip(names, await asyncio.gather(*map(one, names)), strict=True)
        return Found({name: data for name, data in read if data is not None})

    async def put(self, entries: Mapping[str, bytes], *, replace: bool = False) -> None:
        gate = asyncio.Semaphore(_AT_ONCE)

        async def one(name: str, data: bytes) -> None:
            async with gate:
                if replace:
                    await asyncio.to_thread(self._store.put, name, data)
                else:
                    await self._store.put_once_async(name, data)

        await asyncio.gather(*(one(name, data) for name, data in entries.items()))

    async def close(self) -> None:
        """Has nothing to close."""
