"""Answers in a file of SQLite: several processes, kill -9, age and bounds."""

import asyncio
import contextlib
import multiprocessing
import os
import random
import signal
import sqlite3
import time

import pytest

from sq_handoff import StorageAway, StorageFull, StorageRefused
from sq_llm.cache.sqlite_file import is_on_network, storage_error
from sq_llm.cache.sqlite_place import FILE, Bounds, SqlitePlace

FORK = multiprocessing.get_context("fork")


def write(folder, name, count, said):
    """Puts entries 0, 1, 2 … one after another, and says after each that it was stored."""
    place = SqlitePlace(folder)

    async def one_after_another():
        for number in range(count):
            await place.put({f"{name}-{number}": content(name, number)})
            said.send(number)

    asyncio.run(one_after_another())


def content(name, number):
    return f"{name} {number} ".encode() * 200


def writer(folder, name, count):
    """A process that writes, and what it says."""
    heard, said = FORK.Pipe(duplex=False)
    process = FORK.Process(target=write, args=(folder, name, count, said))
    process.start()
    said.close()
    return process, heard


def all_of(heard):
    numbers = []
    with contextlib.suppress(EOFError):
        while True:
            numbers.append(heard.recv())
    return numbers


class Clock:
    def __init__(self):
        self.now = 1_000_000.0

    def __call__(self):
        return self.now


def put(place, **entries):
    asyncio.run(place.put({name: data.encode() for name, data in entries.items()}))


def get(place, *names):
    return asyncio.run(place.get(names))


def test_several_processes_write_at_once(tmp_path):
    writers = [writer(tmp_path, f"w{n}", 100) for n in range(4)]
    for process, heard in writers:
        assert len(all_of(heard)) == 100
        process.join()
        assert process.exitcode == 0
    written = {f"w{n}-{number}": content(f"w{n}", number) for n in range(4) for number in range(100)}
    assert get(SqlitePlace(tmp_path), *written).entries == written


def test_what_was_stored_survives_kill_9(tmp_path):
    rng = random.Random(3)
    for attempt in range(10):
        name = f"k{attempt}"
        process, heard = writer(tmp_path, name, 1_000_000)
        assert heard.recv() == 0
        time.sleep(rng.uniform(0, 0.2))
        os.kill(process.pid, signal.SIGKILL)
        process.join()
        last = max([0, *all_of(heard)])
        stored = {f"{name}-{number}": content(name, number) for number in range(last + 1)}
        assert get(SqlitePlace(tmp_path), *stored).entries == stored
    file = sqlite3.connect(tmp_path / FILE)
    assert file.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    counted = file.execute("SELECT count(*), sum(length(data)) FROM entries").fetchone()
    assert counted == file.execute("SELECT entries, bytes FROM totals").fetchone()


def test_many_puts_at_once_are_all_stored(tmp_path):
    place = SqlitePlace(tmp_path)

    async def all_at_once():
        await asyncio.gather(*(place.put({f"n{n}": b"x"}) for n in range(2000)))
        await place.close()

    asyncio.run(all_at_once())
    names = [f"n{n}" for n in range(2000)]
    assert set(get(SqlitePlace(tmp_path), *names).entries) == set(names)


def test_a_place_without_puts_makes_no_file(tmp_path):
    assert get(SqlitePlace(tmp_path / "none"), "a").entries == {}
    assert not (tmp_path / "none").exists()


def test_old_entries_are_expired_and_may_be_written_again(tmp_path):
    clock = Clock()
    place = SqlitePlace(tmp_path, Bounds(seconds=100), now=clock)
    put(place, a="1", b="1")
    clock.now += 101
    put(place, c="1")
    found = get(place, "a", "c", "never")
    assert (found.entries, found.expired) == ({"c": b"1"}, {"a"})
    put(place, a="2", c="2")
    assert get(place, "a", "c").entries == {"a": b"2", "c": b"1"}
    asyncio.run(place.close())
    file = sqlite3.connect(tmp_path / FILE)
    assert sorted(file.execute("SELECT name FROM entries").fetchall()) == [("a",), ("c",)]


@pytest.mark.parametrize("bounds", [Bounds(entries=3), Bounds(bytes=12)])
def test_what_was_not_used_for_longest_goes_first(tmp_path, bounds):
    clock = Clock()
    place = SqlitePlace(tmp_path, bounds, now=clock)
    for name in "abc":
        clock.now += 1
        put(place, **{name: "1234"})
    clock.now += 1
    assert "a" in get(place, "a").entries
    clock.now += 1
    put(place, d="1234")
    put(place, e="1234")
    assert sorted(get(SqlitePlace(tmp_path), *"abcde").entries) == ["a", "d", "e"]


def test_use_is_noted_when_the_file_is_closed(tmp_path):
    clock = Clock()
    place = SqlitePlace(tmp_path, Bounds(entries=2), now=clock)
    put(place, a="1")
    clock.now += 1
    put(place, b="1")
    clock.now += 1
    get(place, "a")
    asyncio.run(place.close())
    clock.now += 1
    put(SqlitePlace(tmp_path, Bounds(entries=2), now=clock), c="1")
    assert sorted(get(SqlitePlace(tmp_path), *"abc").entries) == ["a", "c"]


def test_a_file_of_another_program_is_refused(tmp_path):
    other = sqlite3.connect(tmp_path / FILE)
    other.execute("CREATE TABLE theirs (x)")
    other.commit()
    with pytest.raises(StorageRefused, match="database of something else"):
        put(SqlitePlace(tmp_path), a="1")
    assert other.execute("SELECT name FROM sqlite_master").fetchall() == [("theirs",)]


@pytest.mark.parametrize("where", ["its head", "its middle"])
def test_a_damaged_file_is_refused_with_the_fix(tmp_path, where):
    place = SqlitePlace(tmp_path)
    names = [f"n{n}" for n in range(500)]
    put(place, **dict.fromkeys(names, "x" * 3000))
    asyncio.run(place.close())
    with (tmp_path / FILE).open("r+b") as file:
        file.seek(0 if where == "its head" else 4096)
        file.write(os.urandom(1_000_000))
    with pytest.raises(StorageRefused) as error:
        get(SqlitePlace(tmp_path), *names)
    assert "move it away" in error.value.fix


def test_a_folder_that_cannot_be_made_is_refused(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageRefused):
        put(SqlitePlace(tmp_path / "file" / "folder"), a="1")


def test_a_full_file_is_no_refusal(tmp_path):
    file = sqlite3.connect(tmp_path / "full", isolation_level=None)
    file.execute("CREATE TABLE t (x)")
    file.execute("PRAGMA max_page_count = 2")
    with pytest.raises(sqlite3.OperationalError) as error:
        file.execute("INSERT INTO t VALUES (?)", ["x" * 100_000])
    assert isinstance(storage_error(tmp_path, "write", error.value), StorageFull)


def test_a_file_that_another_process_locks_may_be_free_later(tmp_path):
    place = SqlitePlace(tmp_path)
    put(place, a="1")
    holder = sqlite3.connect(tmp_path / FILE, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    place._opened.execute("PRAGMA busy_timeout = 50")
    with pytest.raises(StorageAway):
        put(place, b="1")
    holder.execute("ROLLBACK")
    put(place, b="1")
    assert get(place, "b").entries


MOUNTS = """\
/dev/vda / ext4 rw 0 0
server:/export /mnt/shared nfs4 rw 0 0
/dev/vdb /mnt/shared/disk\\040two ext4 rw 0 0
"""


@pytest.mark.parametrize(
    ("folder", "network"),
    [("/mnt/shared", True), ("/mnt/shared/a/b", True), ("/mnt/sharedx", False), ("/mnt/shared/disk two/a", False)],
)
def test_folders_that_other_machines_may_have(tmp_path, folder, network):
    mounts = tmp_path / "mounts"
    mounts.write_text(MOUNTS)
    assert is_on_network(folder, str(mounts)) is network


def test_without_a_write_ahead_log_it_works_as_well(tmp_path, monkeypatch):
    monkeypatch.setattr("sq_llm.cache.sqlite_file.is_on_network", lambda _: True)
    place = SqlitePlace(tmp_path)
    put(place, a="1")
    assert place._opened.execute("PRAGMA journal_mode").fetchone() == ("delete",)
    assert get(SqlitePlace(tmp_path), "a").entries == {"a": b"1"}


def test_the_use_of_many_entries_is_noted_without_a_put(tmp_path, monkeypatch):
    monkeypatch.setattr("sq_llm.cache.sqlite_place._MOST_USED", 3)
    clock = Clock()
    place = SqlitePlace(tmp_path, Bounds(entries=9), now=clock)
    put(place, **dict.fromkeys("abcdef", "1"))
    clock.now += 1
    get(place, *"abcd")
    assert place._used == set()
    used = sqlite3.connect(tmp_path / FILE).execute("SELECT name FROM entries WHERE used = ?", (clock.now,))
    assert sorted(name for (name,) in used) == list("abcd")
