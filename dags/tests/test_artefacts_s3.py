"""The same checks of artefacts, on a real S3 server through an Airflow connection."""

import json
import os
import socket
import subprocess
import time
from datetime import UTC, datetime, timedelta

import pytest

from sq_airflow.announced import Announced
from sq_airflow.artefacts import accept, clean_scratch
from sq_airflow.handoff import Expected, HandoffError
from sq_airflow.old_runs import listed, remove_run, runs_in
from sq_airflow.pins import Pins, find, load
from sq_airflow.storage_failure import StorageError
from sq_airflow.store import read, write

_DIGEST = "sha256:" + "a" * 64
_URI = "s3://runs/r/uk/generate"


@pytest.fixture(scope="module")
def bucket(tmp_path_factory):
    """Starts versitygw, with Airflow's connection sq_storage to it. Yields the bucket's folder."""
    folder = tmp_path_factory.mktemp("s3")
    (folder / "runs").mkdir()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    keys = {"ROOT_ACCESS_KEY": "test", "ROOT_SECRET_KEY": "testtest"}
    command = [os.environ["SQ_VERSITYGW"], "--port", f"127.0.0.1:{port}", "posix", str(folder)]
    with (folder.parent / "versitygw.log").open("wb") as log:
        server = subprocess.Popen(command, env=os.environ | keys, stdout=log, stderr=log)
    deadline = time.monotonic() + 60
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            break
        except OSError:
            assert server.poll() is None and time.monotonic() < deadline, "the S3 server did not start"
            time.sleep(0.1)
    connection = {"conn_type": "aws", "login": "test", "password": "testtest"}
    connection["extra"] = {"endpoint_url": f"http://127.0.0.1:{port}", "region_name": "us-east-1"}
    os.environ["AIRFLOW_CONN_SQ_STORAGE"] = json.dumps(connection)
    yield folder / "runs"
    del os.environ["AIRFLOW_CONN_SQ_STORAGE"]
    server.terminate()
    server.wait()


def _put(name, text):
    write(f"{_URI}/{name}", text.encode(), "sq_storage")


def test_a_handoff_is_held_to_the_manifest(bucket):
    handoff = {"stage": "generate", "runId": "r", "market": "uk", "uri": _URI, "digest": _DIGEST}
    handoff |= {"messageType": "sq.v1.QuerySetRecord", "records": "3"}
    expected = Expected("generate", "r", "uk", "", _URI, "sq.v1.QuerySetRecord")
    with pytest.raises(HandoffError, match=r"has no manifest\.json"):
        accept(handoff, expected, "sq_storage")
    content = {"messageType": "sq.v1.QuerySetRecord", "records": "3"}
    _put("manifest.json", json.dumps({"digest": _DIGEST, "content": content}))
    assert accept(handoff, expected, "sq_storage").uri == _URI
    assert (bucket / "r/uk/generate/manifest.json").exists()


def test_scratch_goes_with_the_manifest_there_and_nothing_else_does(bucket):
    folder = bucket / "r/uk/generate"
    assert not clean_scratch(_URI, "sq_storage"), "there are no scratch files"
    for number in range(3):
        _put(f"scratch/answers/{number}/answer.json", "paid")
    _put("parts/one.binpb.zst", "records")
    (folder / "manifest.json").rename(folder / "aside")
    assert not clean_scratch(_URI, "sq_storage"), "unfinished work keeps its scratch files"
    assert len(list((folder / "scratch").rglob("answer.json"))) == 3
    (folder / "aside").rename(folder / "manifest.json")
    assert clean_scratch(_URI, "sq_storage")
    assert not list((folder / "scratch").rglob("*.json"))
    assert (folder / "parts/one.binpb.zst").exists()
    assert (folder / "manifest.json").exists()
    assert not clean_scratch(_URI, "sq_storage"), "they are removed already"


def test_pins_and_the_record_of_announcements_are_objects_of_the_run(bucket):
    pins = Pins(pipeline={"nodes": []}, run={}, settings={})
    assert find("s3://runs/r", "sq_storage") is None
    ref = pins.keep("s3://runs/r", "sq_storage")
    assert find("s3://runs/r", "sq_storage") == (ref, pins)
    assert load(ref.model_dump(mode="json"), "sq_storage") == pins
    assert (bucket / "r/pins.json").exists()
    for _ in range(2):
        announced = Announced("s3://runs/r", _DIGEST, "sq_storage")
        announced.add("mail")
    assert "mail" in announced
    assert "mail" not in Announced("s3://runs/r", "sha256:other", "sq_storage")


def test_the_folder_of_an_old_run_is_listed_measured_and_removed(bucket):
    pins = Pins(pipeline={}, run={}, settings={}).of_run("search_quality", "old", {})
    pins.keep("s3://runs/w/old", "sq_storage")
    pins.keep("s3://runs/w/old-2", "sq_storage")
    write("s3://runs/w/old/uk/part", b"12345", "sq_storage")
    write("s3://runs/w/history/part", b"12345", "sq_storage")
    old, other = runs_in("s3://runs/w", "sq_storage")
    assert (old.uri, other.uri) == ("s3://runs/w/old", "s3://runs/w/old-2")
    assert abs(datetime.now(UTC) - old.began) < timedelta(minutes=5)
    size = (bucket / "w/old/pins.json").stat().st_size + 5
    assert listed([old], "sq_storage") == {"s3://runs/w/old": size}
    remove_run(old, "sq_storage")
    assert sorted(path.name for path in (bucket / "w").iterdir()) == ["history", "old-2"]
    assert [one.uri for one in runs_in("s3://runs/w", "sq_storage")] == ["s3://runs/w/old-2"]


@pytest.fixture
def connection(monkeypatch):
    """Gives Airflow a connection with other fields than that of the server. Airflow keeps a client for each id."""

    def connection(conn_id, **fields):
        given = json.loads(os.environ["AIRFLOW_CONN_SQ_STORAGE"])
        extra = given["extra"] | fields.pop("extra", {}) | {"config_kwargs": {"retries": {"max_attempts": 1}}}
        monkeypatch.setenv(f"AIRFLOW_CONN_{conn_id.upper()}", json.dumps(given | fields | {"extra": extra}))

    return connection


def test_a_store_that_does_not_answer_is_one_sentence_and_tried_again(bucket, connection):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        closed = listener.getsockname()[1]
    connection("sq_closed", extra={"endpoint_url": f"http://127.0.0.1:{closed}"})
    with pytest.raises(StorageError) as caught:
        read(f"{_URI}/manifest.json", "sq_closed")
    text = str(caught.value.failure.error("evaluate of uk"))
    assert text.startswith(
        f"evaluate of uk: Airflow cannot use {_URI}/manifest.json by its connection to the storage: "
    )
    assert "Could not connect to the endpoint URL" in text
    assert text.endswith("see docs/runbook.md#storage")
    assert text.count("\n") == 1
    assert caught.value.failure.retry


def test_a_store_that_refuses_airflow_is_not_tried_again(bucket, connection):
    connection("sq_key", password="wrong")
    with pytest.raises(StorageError, match="Airflow may not use s3://runs/r") as caught:
        read(f"{_URI}/manifest.json", "sq_key")
    assert not caught.value.failure.retry
