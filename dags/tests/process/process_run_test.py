"""The DAG, with stages as processes, makes the same artefacts as `sq run` of the same configuration."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

_ROOT = Path(__file__).absolute().parents[3]
_SAMPLE = _ROOT / "examples/sample/market"


@pytest.fixture(scope="module")
def search_url(tmp_path_factory):
    """The sample shop's search service."""
    file = tmp_path_factory.mktemp("search") / "url"
    program = _ROOT / "examples/searchd/sq-searchd"
    server = subprocess.Popen([program, "--data", _SAMPLE, "--listen", "127.0.0.1:0", "--url-file", file])
    deadline = time.monotonic() + 120
    while not (file.exists() and file.read_text().strip()):
        assert server.poll() is None, "the search service ended"
        assert time.monotonic() < deadline, "the search service did not start"
        time.sleep(0.1)
    yield file.read_text().strip()
    server.terminate()
    server.wait()


@pytest.fixture(scope="module")
def config(tmp_path_factory):
    """The sample's configuration, smaller, with one market in two shards."""
    text = (_SAMPLE / "sample.yaml").read_text(encoding="utf-8")
    text = text.replace("segments: 130", "segments: 12").replace("tail_segments: 10", "tail_segments: 2")
    text = text.replace("queries_per_segment: 10", "queries_per_segment: 2")
    text = text.replace("market: uk\n", "market: uk\n    shards: 2\n")
    folder = tmp_path_factory.mktemp("config")
    for file in _SAMPLE.iterdir():
        (folder / file.name).symlink_to(file)
    path = folder / "small.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def _stages_environment(workspace, search_url):
    """Airflow's import path is its own; stages bring theirs."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return environment | {"SQ_WORKSPACE": str(workspace), "SQ_SEARCH_URL": search_url}


def _digests(workspace):
    """Digest of every artefact of the only run in a workspace, by its place in the run."""
    (run,) = [folder for folder in workspace.iterdir() if folder.is_dir()]
    return {
        str(path.parent.relative_to(run)): json.loads(path.read_text())["digest"] for path in run.rglob("manifest.json")
    }


@pytest.fixture(scope="module")
def sq_run(tmp_path_factory, config, search_url):
    workspace = tmp_path_factory.mktemp("sq-run")
    command = [_ROOT / "cli/sq", "run", config, "--jobs", "2"]
    subprocess.run(command, check=True, env=_stages_environment(workspace, search_url))
    return _digests(workspace)


@pytest.fixture(scope="module")
def programs(tmp_path_factory):
    """The folder of the stages' programs."""
    folder = tmp_path_factory.mktemp("programs")
    for program in (_ROOT / "stages").glob("*/sq-*"):
        if program.is_file():
            (folder / program.name).write_text(f'#!/bin/sh\nexec {program} "$@"\n')
            (folder / program.name).chmod(0o755)
    return folder


_RUN_THE_DAG = """
import sys
from search_quality import dag

state = dag.test(run_conf={"log_level": "WARNING"}).state
print("state:", state)
sys.exit(0 if str(state).endswith("success") else 1)
"""


def test_same_artefacts(tmp_path, sq_run, config, search_url, programs):
    workspace = tmp_path / "airflow-run"
    workspace.mkdir()
    environment = _stages_environment(workspace, search_url)
    run_config = tmp_path / "run.json"
    subprocess.run([_ROOT / "deploy/run_config", config, "--out", run_config], check=True, env=environment)
    settings = tmp_path / "settings.json"
    settings.write_text('{"runtime": "process", "storage_conn_id": ""}')
    environment |= {
        "PYTHONPATH": os.pathsep.join([str(_ROOT / "dags"), *(path for path in sys.path if path)]),
        "AIRFLOW_HOME": str(tmp_path / "airflow"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__DAGS_FOLDER": str(_ROOT / "dags"),
        "SQ_PROGRAMS": str(programs),
        "SQ_PIPELINE": str(_ROOT / "pipeline/pipeline.json"),
        "SQ_RUN_CONFIG": str(run_config),
        "SQ_AIRFLOW_SETTINGS": str(settings),
    }
    subprocess.run([sys.executable, "-m", "airflow", "db", "migrate"], check=True, env=environment)
    subprocess.run([sys.executable, "-c", _RUN_THE_DAG], check=True, env=environment)
    assert _digests(workspace) == sq_run
    assert len(sq_run) == 13  # five stages in two markets, uk's retrieve and evaluate twice, and the run's own
