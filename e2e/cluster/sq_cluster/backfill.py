"""A backfill of three dates over a log by day, and the same dates again."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from sq_cluster.log_by_day import day_of
from sq_cluster.market_runs import DAG, made_at
from sq_cluster.pods import await_true
from sq_cluster.runs import Runs
from sq_cluster.world import World
from sq_e2e.artefacts import digests
from sq_e2e.checks import Checks

# The days of the log. Airflow names a run after the time at which its interval ends.
DAYS = ("2026-03-02", "2026-03-03", "2026-03-04")
_ENDS = ("2026-03-03", "2026-03-04", "2026-03-05")
_REPORT = "all-markets/consolidate"


def start_backfill(checks: Checks, made: World, conf: Mapping[str, Any]) -> None:
    with checks.check("backfill: asked for by CLI"):
        _create(made, conf)


def check_backfill(
    checks: Checks, made: World, runs: Runs, conf: Mapping[str, Any], artefacts: Collection[str]
) -> None:
    """Checks the runs of the backfill, and those of the same dates again.

    Args:
        artefacts: that a run makes, by their folders.
    """
    ids = sorted(run for run in runs.ids(DAG) if run.startswith("backfill__"))
    folders = []
    with checks.check("backfill: three dates, each a run of its own"):
        assert [run.removeprefix("backfill__")[:10] for run in ids] == list(_ENDS), ids
        for run in ids:
            outcome = runs.finish(DAG, run)
            assert outcome.state == "success", (run, outcome.states())
            folders.append(made.artefacts / "runs" / runs.folder(DAG, run))
            assert set(digests(folders[-1])) == set(artefacts), folders[-1]
    with checks.check("backfill: each date reports on its own day, and searches and losses differ"):
        reports = [_report(folder) for folder in folders]
        assert [report["summary"]["window"] for report in reports] == [f"{day} (UTC)" for day in DAYS]
        assert [report["summary"]["rows"] for report in reports] == [_rows(made, day) for day in DAYS]
        searches = [report["summary"]["searches"] for report in reports]
        for found in (searches, [report["overall"]["loss"]["value"] for report in reports]):
            assert len(set(found)) == len(DAYS), found
        assert len({digests(folder)[_REPORT] for folder in folders}) == len(DAYS)
    with checks.check("backfill: the page shows the day of the log and that of the search"):
        page = (folders[0] / _REPORT / "report.html").read_text(encoding="utf-8")
        (searched,) = {item["start"][:10] for item in _report(folders[0])["searched"]}
        assert f"{DAYS[0]} (UTC)</bdi></strong>, searched on <strong>{searched}" in page
    with checks.check("backfill: the same dates again, and nothing is repeated"):
        before = [made_at(folder) for folder in folders]
        await_true(lambda: _ended(made), "the backfill has ended", 120)
        _create(made, conf, "--reprocess-behavior", "completed")
        for run, folder, earlier in zip(ids, folders, before, strict=True):
            outcome = runs.finish(DAG, run)
            assert outcome.state == "success", (run, outcome.states())
            assert outcome.tasks["consolidate", -1]["try_number"] > 1, "the run was not done again"
            assert made_at(folder) == earlier
    with checks.check("backfill: the history has each date once, under the day of its log"):
        history = made.artefacts / "history"
        added = (path.relative_to(history).parts for path in history.rglob("*.parquet"))
        assert sorted(day for day, _, run in added if run.startswith("backfill__")) == [f"date={day}" for day in DAYS]


def _create(made: World, conf: Mapping[str, Any], *more: str) -> None:
    dates = ("--from-date", DAYS[0], "--to-date", f"{DAYS[-1]}T23:59:59")
    flags = ("--max-active-runs", "3", "--dag-run-conf", json.dumps(conf), *more)
    made.airflow.command("backfill", "create", "--dag-id", DAG, *dates, *flags)


def _ended(made: World) -> bool:
    """Airflow refuses a backfill of a DAG while another one is at work."""
    found = made.airflow.request("GET", f"/api/v2/backfills?dag_id={DAG}")["backfills"]
    return all(item["completed_at"] for item in found)


def _report(folder: Path) -> Mapping[str, Any]:
    """The report of the only market, with the dates of the run's search."""
    whole = json.loads((folder / _REPORT / "report.json").read_text(encoding="utf-8"))
    (market,) = whole["markets"]
    return {**market, "searched": whole["searched"]}


def _rows(made: World, day: str) -> str:
    """The number of queries in the log of a day; the other lines are events."""
    lines = day_of(made.artefacts, day).read_text(encoding="utf-8").splitlines()
    return str(sum("action_name" not in json.loads(line) for line in lines))
