"""A bare Airflow: its own wheels, the files a deployment renders, and no stage."""

import os
import sys
import tempfile
from pathlib import Path

import pytest

_TESTS = Path(__file__).absolute().parent
_DATA = _TESTS / "testdata"
_HOME = tempfile.mkdtemp(prefix="sq-airflow-", dir=os.environ.get("TEST_TMPDIR"))

# Before Airflow is imported: it reads these once.
os.environ |= {
    "AIRFLOW_HOME": _HOME,
    "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
    "AIRFLOW__CORE__UNIT_TEST_MODE": "False",
    "AIRFLOW__LOGGING__LOGGING_LEVEL": "WARNING",
    "AIRFLOW_CONN_SQ_KUBERNETES": '{"conn_type": "kubernetes"}',
    "SQ_PIPELINE": os.environ.get("SQ_PIPELINE") or str(_TESTS.parents[1] / "pipeline/pipeline.json"),
    "SQ_IMAGES_LOCK": str(_DATA / "images.lock.json"),
    "SQ_RUN_CONFIG": str(_DATA / "run.json"),
    "SQ_AIRFLOW_SETTINGS": str(_DATA / "settings.json"),
}
sys.path.insert(0, str(_TESTS.parent))


@pytest.fixture(scope="session")
def data() -> Path:
    return _DATA


@pytest.fixture(scope="session")
def dags():
    """Every DAG of the folder, parsed as Airflow's own processor does."""
    from airflow.dag_processing.dagbag import DagBag

    return DagBag(str(_TESTS.parent))


@pytest.fixture(scope="session")
def search_quality(dags):
    return dags.dags["search_quality"]


@pytest.fixture(scope="session")
def runbook() -> str:
    return (_TESTS.parents[1] / "docs/runbook.md").read_text(encoding="utf-8")
