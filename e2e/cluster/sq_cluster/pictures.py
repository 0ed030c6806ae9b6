"""Screenshots of Airflow for the documentation, taken if SQ_SCREENSHOTS is the absolute path of docs/images."""

from __future__ import annotations

import os
import time
from pathlib import Path

from sq_cluster.browser import Browser, browser
from sq_cluster.pods import await_true
from sq_cluster.runs import Runs
from sq_cluster.world import World

_SECONDS_TO_DRAW = 2


def keep(page: Browser, name: str, width: int, height: int) -> None:
    """Saves a screenshot of a page."""
    if folder := os.environ.get("SQ_SCREENSHOTS"):
        page.size(width, height)
        time.sleep(_SECONDS_TO_DRAW)
        page.screenshot(Path(folder) / name)


def keep_graph(made: World, runs: Runs, dag_id: str, run_id: str) -> None:
    """Saves the graph of a run while a market is judged."""
    if not os.environ.get("SQ_SCREENSHOTS"):
        return
    await_true(lambda: _judging(runs, dag_id, run_id), "a market is judged", 600)
    with browser(made.folder / "pictures") as page:
        page.open(f"{made.airflow.url}/dags/{dag_id}/runs/{run_id}")
        page.size(1500, 640)
        for label in ("Show Graph", "Expand all task groups", "Collapse Details Panel"):
            page.click(f"document.querySelector('[aria-label^=\"{label}\"]')")
        page.wait("document.querySelectorAll('.react-flow__node').length > 12")
        time.sleep(_SECONDS_TO_DRAW)
        page.click("document.querySelector('[aria-label^=\"Fit View\"]')")
        keep(page, "graph.png", 1500, 640)


def _judging(runs: Runs, dag_id: str, run_id: str) -> bool:
    states = runs.look(dag_id, run_id).states()
    return any(states.get(f"{market}.evaluate", set()) & {"deferred", "success"} for market in ("uk", "de"))
