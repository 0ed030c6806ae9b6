"""A bare Airflow: its own wheels and the files that a deployment renders, without any stage."""

import dataclasses
import hashlib
import json
import os
import sys
import tempfile
from pathlib import Path

import pytest
from fakes import unpinned

_TESTS = Path(__file__).absolute().parent
_DATA = _TESTS / "testdata"
_HOME = tempfile.mkdtemp(prefix="sq-airflow-", dir=os.environ.get("TEST_TMPDIR"))

_PIPELINE = Path(os.environ.get("SQ_PIPELINE") or _TESTS.parents[1] / "pipeline/pipeline.json")


def _lock_images() -> Path:
    """A lock with every image that a wiring names and the sidecar; digests are made from the names."""
    wirings = [json.loads(path.read_text(encoding="utf-8")) for path in _PIPELINE.parent.glob("*.json")]
    stages = [stage for wiring in wirings for stage in wiring["stages"]]
    names = {stage["contract"]["image"] for stage in stages} | {"sq-xcom-sidecar"}
    images = {
        name: {
            "repository": name,
            "version": "1.4.0",
            "digest": f"sha256:{hashlib.sha256(name.encode()).hexdigest()}",
            "gitRevision": "0123456789abcdef0123456789abcdef01234567",
            "contractDigest": f"sha256:{'c' * 64}",
        }
        for name in sorted(names)
    }
    path = Path(_HOME) / "images.lock.json"
    path.write_text(json.dumps({"registry": "registry.example.com/search", "images": images}), encoding="utf-8")
    return path


# Airflow reads these once, when it is imported.
os.environ |= {
    "AIRFLOW_HOME": _HOME,
    "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
    "AIRFLOW__CORE__UNIT_TEST_MODE": "False",
    "AIRFLOW__LOGGING__LOGGING_LEVEL": "WARNING",
    "AIRFLOW_CONN_SQ_KUBERNETES": '{"conn_type": "kubernetes"}',
    "SQ_PIPELINE": str(_PIPELINE),
    "SQ_IMAGES_LOCK": str(_lock_images()),
    "SQ_RUN_CONFIG": str(_DATA / "run.json"),
    "SQ_AIRFLOW_SETTINGS": str(_DATA / "settings.json"),
}
sys.path.insert(0, str(_TESTS.parent))


@pytest.fixture(scope="session")
def data() -> Path:
    return _DATA


@pytest.fixture(scope="session")
def wiring() -> dict:
    """pipeline.json."""
    return json.loads(_PIPELINE.read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def nodes(wiring) -> list[dict]:
    """The nodes of the wiring in their order, each with the id of its task: {market} stands for a market."""
    prefixes = {"SCOPE_MARKET": "{market}.", "SCOPE_RUN": ""}
    return [
        node | {"task": prefixes[node["scope"]] + node["name"].replace("-", "_")}
        for node in wiring["pipeline"]["nodes"]
    ]


@pytest.fixture(scope="session")
def dags():
    """Every DAG of the folder, parsed as by Airflow's DAG processor."""
    from airflow.dag_processing.dagbag import DagBag

    return DagBag(str(_TESTS.parent))


@pytest.fixture(scope="session")
def search_quality(dags):
    return dags.dags["search_quality"]


@pytest.fixture
def operator(search_quality, tmp_path):
    """uk's generate, writing to a folder of this machine."""
    made = unpinned(search_quality.get_task("uk.generate"))
    made.stage = dataclasses.replace(made.stage, workspace=str(tmp_path))
    return made


@pytest.fixture(scope="session")
def runbook() -> str:
    return (_TESTS.parents[1] / "docs/runbook.md").read_text(encoding="utf-8")
