"""Runs a DAG by dag.test() in a bare Airflow, with stages as processes."""

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).absolute().parents[3]
SAMPLE = Path(os.environ.get("SQ_E2E_SAMPLE") or ROOT / "examples/sample/market")
PIPELINE = os.environ.get("SQ_PIPELINE") or ROOT / "pipeline/pipeline.json"
# A part of the days of the sample's log.
DAYS = {"from": "2026-03-03", "to": "2026-03-10"}
RUN_CONFIG = os.environ.get("SQ_E2E_RUN_CONFIG") or ROOT / "deploy/run_config"

_RUN = """
import importlib, json, sys

dag = importlib.import_module(sys.argv[1]).dag
run = dag.test(run_conf=json.loads(sys.argv[2]))
print(json.dumps({ti.task_id: str(ti.state) for ti in run.get_task_instances()}))
sys.exit(0 if str(run.state).endswith("success") else 1)
"""


def small_sample(folder: Path, queries: int) -> Path:
    """Writes a smaller configuration of the sample, with uk in two shards, to a folder with its input files."""
    text = (SAMPLE / "sample.yaml").read_text(encoding="utf-8")
    for old, new in (
        ("query_budget: 1200", f"query_budget: {queries}"),
        ("market: uk\n", "market: uk\n    shards: 2\n"),
    ):
        assert old in text
        text = text.replace(old, new)
    for file in SAMPLE.iterdir():
        (folder / file.name).symlink_to(file)
    (folder / "small.yaml").write_text(text, encoding="utf-8")
    return folder / "small.yaml"


def stages_environment(workspace: Path, search_url: str) -> dict[str, str]:
    """The environment of stages, without Airflow's import path."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return environment | {"SQ_WORKSPACE": str(workspace), "SQ_SEARCH_URL": search_url}


def programs(folder: Path) -> Path:
    """Makes a folder with the stages' programs."""
    if "SQ_PROGRAMS" in os.environ:
        return Path(os.environ["SQ_PROGRAMS"])
    for program in (ROOT / "stages").glob("*/sq-*"):
        if program.is_file():
            (folder / program.name).write_text(f'#!/bin/sh\nexec {program} "$@"\n')
            (folder / program.name).chmod(0o755)
    return folder


def airflow(folder: Path, config: Path, environment: dict[str, str]) -> dict[str, str]:
    """Makes an Airflow with its database in a folder. Returns its environment.

    Args:
        folder: has settings.json.
        config: the run configuration (YAML).
        environment: environment of the stages.
    """
    run_config = folder / "run.json"
    subprocess.run([RUN_CONFIG, config, "--out", run_config], check=True, env=environment)
    environment = environment | {
        "PYTHONPATH": os.pathsep.join([str(ROOT / "dags"), *(path for path in sys.path if path)]),
        "AIRFLOW_HOME": str(folder / "airflow"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__DAGS_FOLDER": str(ROOT / "dags"),
        "SQ_PIPELINE": str(PIPELINE),
        "SQ_RUN_CONFIG": str(run_config),
        "SQ_AIRFLOW_SETTINGS": str(folder / "settings.json"),
    }
    subprocess.run([sys.executable, "-m", "airflow", "db", "migrate"], check=True, env=environment)
    return environment


def run_dag(name: str, environment: dict[str, str], conf: dict | None = None) -> subprocess.CompletedProcess:
    """Runs the DAG of a module by dag.test(). The last line of stdout is the states of its tasks, as JSON."""
    command = [sys.executable, "-c", _RUN, name, json.dumps(conf or {})]
    return subprocess.run(command, check=False, env=environment, capture_output=True, text=True)
