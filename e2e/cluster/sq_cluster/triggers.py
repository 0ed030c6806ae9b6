"""Each way to start a run, five runs at once, and the DAGs for maintenance and as an example."""

from __future__ import annotations

import json
import urllib.error
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

from sq_cluster import backfill, places
from sq_cluster.browser import Browser, browser
from sq_cluster.log_by_day import ALL_DAYS
from sq_cluster.market_runs import DAG
from sq_cluster.pictures import keep
from sq_cluster.pods import await_true, pods
from sq_cluster.runs import Runs
from sq_cluster.world import World
from sq_e2e.artefacts import digests
from sq_e2e.checks import Checks

# One market with the baseline judge and as few queries as possible.
SMALL = {"markets": ["de"], "query_budget": 4, "judge": "baseline"}
BY_REST = ("rest-1", "rest-2", "rest-3")
BY_CLI, BY_UI = "cli", "ui"
GIVEN = SMALL | ALL_DAYS
# Enough queries that no two days lose the same.
BACKFILL = SMALL | {"query_budget": 12}
# Each day at four, about the day before.
SCHEDULE = "0 4 * * *"
_TITLES = (
    *("Markets", "From", "To", "Queries", "Results", "Judge"),
    *("Budget in US dollars", "Baseline run", "Log level"),
)
_UNPAUSE = "[...document.querySelectorAll('label')].find(l => l.innerText.includes('Unpause'))"


def start_triggers(checks: Checks, made: World, runs: Runs) -> None:
    """Starts five runs, by each way to start one, and a backfill of three dates beside them."""
    _schedule(checks, made, runs)
    # The DAG is paused, so that all runs start together. The form in the UI unpauses it.
    runs.pause(DAG)
    try:
        with ThreadPoolExecutor() as pool:
            others = [pool.submit(_by_cli, checks, made), pool.submit(backfill.start_backfill, checks, made, BACKFILL)]
            _by_rest(checks, runs)
            for other in others:
                other.result()
        with browser(made.folder / "browser") as page:
            _by_ui(checks, made, page)
    finally:
        runs.await_dag(DAG)


def check_triggers(checks: Checks, made: World, runs: Runs) -> None:
    """Checks how the runs ended."""
    wanted = {place for place in places.artefacts() if not place.startswith("uk/")}
    with checks.check("five runs at once: each does its own work, and the same"):
        found = {}
        for run in (*BY_REST, BY_CLI, BY_UI):
            outcome = runs.finish(DAG, run)
            assert outcome.state == "success", (run, outcome.states())
            found[run] = digests(made.artefacts / "runs" / run)
            assert set(found[run]) == wanted, found[run]
        assert all(made_here == found[BY_CLI] for made_here in found.values()), found
    with checks.check("five runs at once: they ran side by side"):
        spans = [runs.span(DAG, run) for run in (*BY_REST, BY_CLI, BY_UI)]
        assert max(start for start, _ in spans) < min(end for _, end in spans), spans
    with checks.check("a run without a date is refused if its log is by day"):
        runs.start(DAG, "no-days", SMALL)
        assert runs.finish(DAG, "no-days").state == "failed"
        log = runs.log(DAG, "no-days", "pin")
        assert "generate.log.window: is the interval of the run, and this run has none; give from and to" in log, log
        assert "docs/runbook.md#interval" in log
    backfill.check_backfill(checks, made, runs, BACKFILL, wanted)


def start_others(runs: Runs) -> None:
    runs.await_dag("example_mixed_tasks")
    runs.start("example_mixed_tasks", "example", {"query_budget": 1, "wait_for": "/tmp"})
    runs.await_dag("cluster_leftovers")
    runs.start("cluster_leftovers", "leftovers")


def check_others(checks: Checks, made: World, runs: Runs) -> None:
    """Checks the example DAG, and the maintenance DAG with a failed pod that was kept."""
    with checks.check("example DAG: sensor, Bash, stage, Python, HTTP and mail"):
        outcome = runs.finish("example_mixed_tasks", "example")
        assert outcome.state == "success", outcome.states()
        assert set(outcome.states()) == {"log_is_there", "day", "generate", "count", "tell", "write"}
        (message,) = (message for message in made.mailbox.messages if "segments" in message)
        assert message == {"market": "uk", "segments": 1}, message
        assert any("Subject: 1 segments for uk" in letter for letter in made.mailbox.letters)
    with checks.check("maintenance: failed pods stay for the hours of the settings"):
        assert runs.finish("cluster_leftovers", "leftovers").state == "failed"
        before = _ended(made)
        assert any("leftover" in name for name in before), before
        runs.await_dag("sq_maintenance")
        runs.start("sq_maintenance", "as-set")
        assert runs.finish("sq_maintenance", "as-set").state == "success"
        assert before <= _ended(made), before - _ended(made)
    with checks.check("maintenance: older ones go"):
        runs.start("sq_maintenance", "now", {"hours": 0})
        assert runs.finish("sq_maintenance", "now").state == "success"
        await_true(lambda: not before & _ended(made), "they are gone", 60)


def _schedule(checks: Checks, made: World, runs: Runs) -> None:
    """Gives the DAG a schedule. The latest date starts a run, which is stopped here."""
    file = made.folder / "settings.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | {"schedule": SCHEDULE}))
    runs.await_dag(DAG)
    runs.parse(DAG)
    with checks.check("schedule: once there is one, the latest date runs, and none before it is caught up with"):

        def scheduled() -> list[str]:
            return [run for run in runs.ids(DAG) if run.startswith("scheduled__")]

        (run,) = await_true(scheduled, "the schedule's latest date runs", 400)
        assert datetime.fromisoformat(run.removeprefix("scheduled__")).strftime("%H") == "04", run
        runs.end(DAG, run)


def _by_rest(checks: Checks, runs: Runs) -> None:
    with checks.check("trigger: by REST"):
        for run in BY_REST:
            runs.start(DAG, run, GIVEN)
    with checks.check("trigger: REST refuses a bad value"):
        try:
            runs.start(DAG, "bad", {"top_k": 0})
        except urllib.error.HTTPError as error:
            assert error.code == 400, error.code
            assert "top_k" in error.read().decode()
        else:
            raise AssertionError("the REST API accepted 0 results")


def _by_cli(checks: Checks, made: World) -> None:
    with checks.check("trigger: by CLI"):
        made.airflow.command("dags", "trigger", DAG, "--run-id", BY_CLI, "--conf", json.dumps(GIVEN))


def _by_ui(checks: Checks, made: World, page: Browser) -> None:
    """Starts a run as a person does: the DAG's page, its trigger form, a bad value, then a good one."""
    with checks.check("trigger: the form in the UI shows the parameters"):
        page.open(f"{made.airflow.url}/dags/{DAG}")
        page.click(_test_id("trigger-dag-button"))
        page.wait(f"!!{_field('query_budget')}")
        shown = page.text()
        for title in (
            "Markets",
            "From",
            "To",
            "Queries",
            "Results",
            "Judge",
            "Budget in US dollars",
            "Baseline run",
            "Log level",
        ):
            assert title in shown, title
        keep(page, "trigger-form.png", 1100, 1600)
    with checks.check("trigger: the form refuses a bad value"):
        # The DAG stays paused. While it runs, the page draws itself and the form again and again.
        page.click(_UNPAUSE)
        page.wait(f"!{_UNPAUSE}.querySelector('input').checked")
        page.click(_field("baseline_run"))
        page.write("../..")
        page.click(_test_id("trigger-dag-submit"))
        page.wait("document.body.innerText.includes(\"'../..' does not match\")")
    with checks.check("trigger: by the form in the UI"):
        # Loads the page again, because the rejected value stays in the form.
        page.open(f"{made.airflow.url}/dags/{DAG}?anew")
        page.click(_test_id("trigger-dag-button"))
        page.click("document.querySelector('[aria-label=\"Remove uk\"]')")
        for name, day in ALL_DAYS.items():
            page.click(_field(name))
            page.write(day)
        page.click(_field("query_budget"))
        page.write(str(SMALL["query_budget"]))
        page.click(f"{_field('judge')}.parentElement.querySelector('input[type=text]')")
        page.insert(SMALL["judge"])
        page.press("Enter", 13)
        page.click("[...document.querySelectorAll('button')].find(b => b.innerText.trim() == 'Advanced Options')")
        page.click("document.querySelector('input[name=dagRunId]')")
        page.write(BY_UI)
        # Not the Tab key: it would focus the note below, which shrinks when it loses the focus and moves the button.
        page.evaluate("document.activeElement.blur()")
        page.wait(f"{_field('judge')}.value == '{SMALL['judge']}'")
        page.wait(f"document.querySelector('input[name=dagRunId]').value == '{BY_UI}'")
        # The editor below loads late and moves the button down.
        page.wait("!!document.querySelector('.monaco-editor .view-line')")
        page.click(_test_id("trigger-dag-submit"))
        page.wait(f"location.pathname.endsWith('/runs/{BY_UI}')")
    with checks.check("the UI shows the graph of a run"):
        page.click("document.querySelector('[aria-label^=\"Show Graph\"]')")
        page.click(_test_id("expand-all-button"))
        page.wait("document.querySelectorAll('.react-flow__node').length > 12")


def _test_id(name: str) -> str:
    return f"document.querySelector('[data-testid={name}]')"


def _field(name: str) -> str:
    return f"document.querySelector('input[name=element_{name}]')"


def _ended(made: World) -> set[str]:
    """Names of the kept pods whose stage has ended. Tasks of other DAGs remove their pods themselves."""
    selector = "app.kubernetes.io/part-of=sq,dag_id in (cluster_leftovers, cluster_failures)"
    return {
        pod["metadata"]["name"]
        for pod in pods(made, selector)
        if any(
            status["name"] == "base" and "terminated" in status["state"]
            for status in pod["status"].get("containerStatuses", ())
        )
    }
