"""Checks of `python -m sq_airflow.installed` on the real Airflow, cluster and storage."""

from __future__ import annotations

import json

from sq_cluster.world import World
from sq_e2e.checks import Checks

# Lines of Airflow's own log stand between those of the check.
_MARKS = ("ok   ", "warn ", "FAIL ")


def check_installed(checks: Checks, made: World) -> None:
    with checks.check("installed: all that the DAGs need is there"):
        code, said = made.airflow.installed()
        assert code == 0, said
        assert {line[:5] for line in said.splitlines() if line[:5] in _MARKS} == {"ok   "}, said
    with checks.check("installed: what is missing is named"):
        settings = made.folder / "missing.json"
        found = json.loads((made.folder / "settings.json").read_text(encoding="utf-8"))
        found["webhook_conn_id"] = "nobody"
        found["pods"]["namespace"] = "another"
        settings.write_text(json.dumps(found), encoding="utf-8")
        code, said = made.airflow.installed(SQ_AIRFLOW_SETTINGS=str(settings))
        assert code == 2, said
        assert "FAIL connection nobody: cannot be read" in said, said
        assert "Airflow may not create pods in another; apply deploy/manifests/accounts.yaml" in said, said
