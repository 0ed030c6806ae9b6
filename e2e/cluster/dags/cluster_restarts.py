"""Pods that wait for a file while parts of Airflow are killed and restarted, and one pod that fails and stays."""

from __future__ import annotations

from datetime import UTC, datetime

from airflow.sdk import DAG
from cluster_cases import task

_WAIT = """
import os, signal, sys, time
signal.signal(signal.SIGTERM, lambda *_: os._exit(143))
while not os.path.exists("/data/go-on"):
    time.sleep(0.5)
os.execvp("sq-generate", ["sq-generate", *sys.argv[1:]])
"""

with DAG(
    dag_id="cluster_restarts",
    schedule=None,
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    catchup=False,
    default_args={"owner": "search"},
):
    for name, deferrable in (("worker_killed", False), ("scheduler_killed", False), ("triggerer_killed", True)):
        pods = {"deferrable": deferrable}
        task(name, pods=pods, cmds=["python3.11", "-c", _WAIT], retries=1)

with DAG(
    dag_id="cluster_leftovers",
    schedule=None,
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    catchup=False,
    default_args={"owner": "search"},
):
    task("leftover", cmds=["python3.11", "-c", "raise SystemExit(2)"], retries=0)
