"""The file of SQLite: its tables, how it is opened, and what its errors mean."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sq_handoff import StorageAway, StorageFull, StorageRefused
from sq_handoff.storage_errors import StorageError, is_full

# "sqan" in ASCII: the file is one of ours.
_APPLICATION = 0x7371616E
_VERSION = 1
# Another process may write for so long.
_BUSY_SECONDS = 60.0
# Several machines may share these. SQLite's write-ahead log needs memory that all users of the file share.
_NETWORK = ("9p", "afs", "ceph", "cifs", "fuse", "gluster", "lustre", "nfs", "smb", "virtiofs")
_TABLES = """
CREATE TABLE entries (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  made REAL NOT NULL,
  used REAL NOT NULL,
  data BLOB NOT NULL
);
CREATE INDEX by_use ON entries (used, id);
CREATE INDEX by_age ON entries (made);
CREATE TABLE totals (entries INTEGER NOT NULL, bytes INTEGER NOT NULL);
INSERT INTO totals VALUES (0, 0);
CREATE TRIGGER added AFTER INSERT ON entries BEGIN
  UPDATE totals SET entries = entries + 1, bytes = bytes + length(new.data);
END;
CREATE TRIGGER changed AFTER UPDATE OF data ON entries BEGIN
  UPDATE totals SET bytes = bytes + length(new.data) - length(old.data);
END;
CREATE TRIGGER deleted AFTER DELETE ON entries BEGIN
  UPDATE totals SET entries = entries - 1, bytes = bytes - length(old.data);
END;
"""


def opened(path: Path) -> sqlite3.Connection:
    """Opens the file, and makes it if there is none.

    What was written survives kill -9. With the write-ahead log, a power cut may lose the last seconds, no more.

    Raises:
        sqlite3.Error: it cannot be opened.
        StorageRefused: it is a database of something else, or of a later version.
    """
    file = sqlite3.connect(path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False)
    try:
        file.execute(f"PRAGMA busy_timeout = {int(_BUSY_SECONDS * 1000)}")
        log = not is_on_network(path.parent) and _journal(file) == "wal"
        file.execute(f"PRAGMA synchronous = {'NORMAL' if log else 'FULL'}")
        with transaction(file):
            _check(file, path)
    except BaseException:
        file.close()
        raise
    return file


@contextmanager
def transaction(file: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    """What is done within is done as a whole or not at all. Other writers wait."""
    file.execute("BEGIN IMMEDIATE")
    try:
        yield file
    except BaseException:
        if file.in_transaction:
            file.execute("ROLLBACK")
        raise
    file.execute("COMMIT")


def is_on_network(folder: Path, mounts: str = "/proc/self/mounts") -> bool:
    """Whether other machines may have this folder too."""
    real, best, kind = os.path.realpath(folder), "", ""
    try:
        lines = Path(mounts).read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return False
    for line in lines:
        _, point, found = line.split(" ")[:3]
        point = point.encode().decode("unicode_escape").rstrip("/")
        if (real == point or real.startswith(f"{point}/")) and len(point) >= len(best):
            best, kind = point, found
    return kind.startswith(_NETWORK)


def storage_error(path: Path, verb: str, error: Exception) -> StorageError:
    """What an error of SQLite or of the file system means for the stage."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    text = str(error)
    if code == sqlite3.SQLITE_FULL or is_full(error):
        return StorageFull(str(path), verb, "there is no space left")
    if code in (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT):
        refused = StorageRefused(str(path), verb, f"{text}: the file is damaged or no database")
        refused.fix = "move it away: the stage makes a new one, and asks for its answers again"
        return refused
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_IOERR):
        return StorageAway(str(path), verb, text)
    return StorageRefused(str(path), verb, text)


def _journal(file: sqlite3.Connection) -> str:
    """The journal's mode after a write-ahead log was asked for. Disks without shared memory refuse one."""
    try:
        return file.execute("PRAGMA journal_mode = WAL").fetchone()[0]
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN):
            return file.execute("PRAGMA journal_mode").fetchone()[0]
        raise


def _check(file: sqlite3.Connection, path: Path) -> None:
    application = file.execute("PRAGMA application_id").fetchone()[0]
    version = file.execute("PRAGMA user_version").fetchone()[0]
    tables = file.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    if not tables and not application:
        for statement in _statements(_TABLES):
            file.execute(statement)
        file.execute(f"PRAGMA application_id = {_APPLICATION}")
        file.execute(f"PRAGMA user_version = {_VERSION}")
    elif (application, version) != (_APPLICATION, _VERSION):
        refused = StorageRefused(str(path), "open", "it is a database of something else, or of another version of sq")
        refused.fix = "give another folder, or move the file away"
        raise refused


def _statements(script: str) -> Iterator[str]:
    """The statements of a script. `executescript` would end the transaction."""
    statement = ""
    for line in script.splitlines():
        statement += line + "\n"
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
