"""Entries in one file of SQLite, which several processes of a machine may use at once."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any, TypeVar

from sq_llm.cache import sqlite_file
from sq_llm.cache.place import Found, Objects

T = TypeVar("T")
FILE = "answers.sqlite"
# SQLite takes at most 32,766 parameters in one statement.
_MOST_NAMES = 10_000
_DAY_SECONDS = 86_400
# Names whose use is remembered until the next write.
_MOST_USED = 10_000
_Waiting = tuple[Mapping[str, bytes], bool, "Future[None]"]


@dataclass(frozen=True)
class Bounds:
    """Attributes:
    seconds: that an entry lives from when it was written; 0 for ever.
    entries: that there may be; 0 for any number. Those that were not used for longest go first.
    bytes: of all entries together; 0 for any number.
    """

    seconds: float = 0
    entries: int = 0
    bytes: int = 0

    @classmethod
    def of(cls, days: float, entries: int, mib: float) -> Bounds:
        return cls(days * _DAY_SECONDS, entries, int(mib * 2**20))


class SqlitePlace:
    """The file answers.sqlite of a folder, which the first put makes.

    One thread works on the file. What waits for it is written in one transaction, so many puts cost little more than
    one.

    Args:
        older: answers as objects, from versions that had one object for each. What is not in the file is read there.
        now: seconds since the epoch.
    """

    takes_small_entries = True

    def __init__(
        self,
        folder: Path,
        bounds: Bounds | None = None,
        older: Objects | None = None,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._path = folder / FILE
        self._bounds = bounds or Bounds()
        self._older = older
        self._now = now
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="answers")
        self._opened: sqlite3.Connection | None = None
        self._used: set[str] = set()
        self._waiting: list[_Waiting] = []
        self._lock = Lock()

    async def get(self, names: Sequence[str]) -> Found:
        found = await self._run("read", lambda: self._read(names))
        missing = [name for name in names if name not in found.entries and name not in found.expired]
        if self._older is None or not missing:
            return found
        older = await self._older.get(missing)
        return Found(found.entries | older.entries, found.expired)

    async def put(self, entries: Mapping[str, bytes], *, replace: bool = False) -> None:
        written: Future[None] = Future()
        with self._lock:
            self._waiting.append((entries, replace, written))
        await self._run("write", self._write_waiting)
        await asyncio.wrap_future(written)

    async def close(self) -> None:
        """Closes the file, after entries that are too old are deleted. The next operation opens it again."""
        await self._run("close", self._close)

    async def _run(self, verb: str, work: Callable[[], T]) -> T:
        return await asyncio.wrap_future(self._thread.submit(self._guarded, verb, work))

    def _guarded(self, verb: str, work: Callable[[], T]) -> T:
        try:
            return work()
        except (sqlite3.Error, OSError) as error:
            raise sqlite_file.storage_error(self._path, verb, error) from error

    def _read(self, names: Sequence[str]) -> Found:
        if self._opened is None and not self._path.exists():
            return Found()
        rows: list[tuple[str, float, bytes]] = []
        for start in range(0, len(names), _MOST_NAMES):
            part = names[start : start + _MOST_NAMES]
            marks = ",".join("?" * len(part))
            rows += self._file().execute(f"SELECT name, made, data FROM entries WHERE name IN ({marks})", part)
        found = {name: data for name, made, data in rows if made >= self._oldest()}
        if self._bounds.entries or self._bounds.bytes:
            self._used.update(found)
            if len(self._used) > _MOST_USED:
                with sqlite_file.transaction(self._file()) as file:
                    self._note_used(file)
        return Found(found, frozenset(name for name, _, _ in rows if name not in found))

    def _write_waiting(self) -> None:
        with self._lock:
            waiting, self._waiting = self._waiting, []
        if not waiting:
            return  # An earlier transaction wrote it.
        try:
            self._guarded("write", lambda: self._write(waiting))
        except Exception as error:
            for _, _, written in waiting:
                written.set_exception(error)
        else:
            for _, _, written in waiting:
                written.set_result(None)

    def _write(self, waiting: Sequence[_Waiting]) -> None:
        now = self._now()
        with sqlite_file.transaction(self._file(make=True)) as file:
            self._note_used(file)
            for entries, replace, _ in waiting:
                rows: list[tuple[Any, ...]] = [(name, now, now, data) for name, data in entries.items()]
                # An entry that is too old is none.
                file.executemany(
                    "INSERT INTO entries (name, made, used, data) VALUES (?, ?, ?, ?) ON CONFLICT (name) DO UPDATE "
                    "SET made = excluded.made, used = excluded.used, data = excluded.data "
                    f"WHERE {int(replace)} OR made < {self._oldest()!r}",
                    rows,
                )
            self._evict(file)

    def _evict(self, file: sqlite3.Connection) -> None:
        """Deletes what exceeds the bound."""
        entries, size = file.execute("SELECT entries, bytes FROM totals").fetchone()
        too_many = entries - self._bounds.entries if self._bounds.entries else 0
        too_large = size - self._bounds.bytes if self._bounds.bytes else 0
        if too_many <= 0 and too_large <= 0:
            return
        gone = []
        for row, length in file.execute("SELECT id, length(data) FROM entries ORDER BY used, id"):
            if too_many <= 0 and too_large <= 0:
                break
            gone.append((row,))
            too_many, too_large = too_many - 1, too_large - length
        file.executemany("DELETE FROM entries WHERE id = ?", gone)

    def _note_used(self, file: sqlite3.Connection) -> None:
        used, self._used = self._used, set()
        file.executemany("UPDATE entries SET used = ? WHERE name = ?", [(self._now(), name) for name in used])

    def _oldest(self) -> float:
        """When the oldest entry that still counts was made."""
        return self._now() - self._bounds.seconds if self._bounds.seconds else 0.0

    def _file(self, *, make: bool = False) -> sqlite3.Connection:
        if self._opened is None:
            if make:
                self._path.parent.mkdir(parents=True, exist_ok=True)
            self._opened = sqlite_file.opened(self._path)
        return self._opened

    def _close(self) -> None:
        file = self._opened
        if file is None:
            return
        self._opened = None
        try:
            if self._used or self._bounds.seconds:
                with sqlite_file.transaction(file):
                    self._note_used(file)
                    file.execute("DELETE FROM entries WHERE made < ?", (self._oldest(),))
        except sqlite3.OperationalError:
            pass  # Another process writes, or the disk is full: the next one to close the file does it.
        finally:
            file.close()
