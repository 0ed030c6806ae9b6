"""The same checks of artefacts, on a real S3 server through an Airflow connection."""

import json
import os
import socket
import subprocess
import time

import pytest

from sq_airflow.artefacts import accept, clean_scratch, place
from sq_airflow.handoff import Expected, HandoffError

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
    place(f"{_URI}/{name}", "sq_storage").write_text(text, encoding="utf-8")


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
