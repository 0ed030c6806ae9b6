"""Storage that is away, that refuses, or that is full: which error, and that it is one sentence."""

import asyncio
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from sq.v1.judgment_pb2 import JudgingRecord
from sq_handoff import ArtefactReader, StorageAway, StorageError, StorageFull, StorageRefused, Store
from sq_handoff.storage_errors import is_full, storage_errors

OPERATIONS: dict[str, Callable[[Store], object]] = {
    "get": lambda store: store.get("a"),
    "put": lambda store: store.put("a", b"x"),
    "put once": lambda store: store.put_once("b", b"x"),
    "list": lambda store: store.list(),
    "delete": lambda store: store.delete("a"),
    "range": lambda store: store.get_range("a", 0, 1),
    "get, asynchronous": lambda store: asyncio.run(store.get_async("a")),
    "put once, asynchronous": lambda store: asyncio.run(store.put_once_async("b", b"x")),
    "replace": lambda store: store.replace("a", b"x", b"y"),
}


def caught(store: Store, operation: str) -> StorageError:
    with pytest.raises(StorageError) as error:
        OPERATIONS[operation](store)
    return error.value


@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_wrong_key_is_refused_in_one_sentence(bucket: str, operation: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "another")
    error = caught(Store.at(f"{bucket}/wrong"), operation)
    assert type(error) is StorageRefused
    assert "HTTP 403" in str(error)
    assert "\n" not in str(error)
    assert len(str(error)) < 250
    assert "CanonicalRequest" not in str(error)


@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_missing_bucket_is_refused_by_name(bucket: str, operation: str) -> None:
    error = caught(Store.at("s3://nowhere/x"), operation)
    assert type(error) is StorageRefused
    assert "NoSuchBucket" in str(error)


@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_server_that_is_stopped_is_away(bucket: str, operation: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as taken:  # Bound, but nobody listens.
        taken.bind(("127.0.0.1", 0))
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{taken.getsockname()[1]}")
        error = caught(Store.at(f"{bucket}/away"), operation)
    assert type(error) is StorageAway
    assert "\n" not in str(error)


def test_opening_an_artefact_of_a_server_that_is_stopped_does_not_say_that_there_is_none(
    bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{taken.getsockname()[1]}")
        with pytest.raises(StorageAway):
            ArtefactReader.open(f"{bucket}/away", JudgingRecord)


def test_a_missing_object_is_still_only_missing(bucket: str, tmp_path: Path) -> None:
    for uri in (f"{bucket}/empty", str(tmp_path), str(tmp_path / "no-folder")):
        with pytest.raises(FileNotFoundError):
            Store.at(uri).get("a")
        assert Store.at(uri).list() == []


def test_a_path_that_can_be_no_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    assert type(caught(Store.at(str(tmp_path / "file" / "x")), "put")) is StorageRefused


_FILL = """
import sys
from sq_handoff import StorageFull, Store
try:
    Store.at("/mnt/x").put("a", bytes(range(256)) * 1000)
except StorageFull as error:
    sys.exit(str(error))
"""


def test_a_full_disk_is_called_that(tmp_path: Path) -> None:
    small = ["unshare", "-rm", "sh", "-c", 'mount -t tmpfs -o size=64k none /mnt && exec "$0" "$@"']
    if subprocess.run([*small, "true"], check=False, capture_output=True).returncode:
        pytest.skip("this machine allows no mounts in a namespace of their own")
    done = subprocess.run([*small, sys.executable, "-c", _FILL], check=False, capture_output=True, text=True)
    assert "cannot write file:///mnt/x/a: there is no space left" in done.stderr


@pytest.mark.parametrize("number", [28, 122])
def test_no_space_left_is_full_whatever_led_to_it(number: int) -> None:
    with pytest.raises(StorageFull) as error, storage_errors("file:///x", "write"):
        raise OSError(number, "No space left on device")
    assert is_full(error.value)
    outer = RuntimeError("spilling failed")
    outer.__cause__ = OSError(number, "no room")
    assert is_full(outer)


def test_bugs_stay_bugs() -> None:
    for bug in (TypeError("x"), KeyError("x"), ZeroDivisionError()):
        with pytest.raises(type(bug)), storage_errors("file:///x", "write"):
            raise bug
        assert not is_full(bug)
