"""A run that begins before the log of its day is there."""

from __future__ import annotations

from sq_cluster.log_by_day import FIRST, day_of
from sq_cluster.market_runs import DAG
from sq_cluster.pods import await_true
from sq_cluster.runs import Runs
from sq_cluster.world import World
from sq_e2e.checks import Checks

_RUN, _DAY, _NEXT = "waits", "2026-03-20", "2026-03-21"
_TASK = "de.wait_for_log"
_CONF = {"markets": ["de"], "query_budget": 4, "judge": "baseline", "from": _DAY, "to": _NEXT}


def check_sensor(checks: Checks, made: World, runs: Runs) -> None:
    """Starts a run about a day after the log's last one, and writes the log of that day later."""
    with checks.check("sensor: a run waits for the log of its day, deferred"):
        runs.start(DAG, _RUN, _CONF)
        await_true(lambda: runs.state(DAG, _RUN, _TASK) == "deferred", "the run waits", 120)
        assert runs.state(DAG, _RUN, "de.generate") is None
    with checks.check("sensor: it goes on when the log is there"):
        text = day_of(made.artefacts, FIRST).read_text(encoding="utf-8").replace(FIRST, _DAY)
        day_of(made.artefacts, _DAY).parent.mkdir()
        day_of(made.artefacts, _DAY).write_text(text, encoding="utf-8")
        outcome = runs.finish(DAG, _RUN)
        assert outcome.state == "success", outcome.states()
