"""Edits the lock and the settings while a run is going, as a deploy does."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sq_cluster.log_by_day import ALL_DAYS
from sq_cluster.market_runs import DAG
from sq_cluster.pods import await_true
from sq_cluster.runs import Runs
from sq_cluster.world import World
from sq_e2e.artefacts import manifests
from sq_e2e.checks import Checks

_RUN, _LATER = "pinned", "later"
_CONF = {"markets": ["de"], "query_budget": 4, "judge": "baseline", **ALL_DAYS}
_ABSENT = "sha256:" + "0" * 64
_TOO_LITTLE = "8Mi"


def check_pins(checks: Checks, made: World, runs: Runs) -> None:
    """The edits would make evaluate and report fail: an image that is not there, and too little memory."""
    lock, settings = made.folder / "images.lock.json", made.folder / "settings.json"
    before = lock.read_bytes(), settings.read_bytes()
    wanted = json.loads(before[0])["images"]["sq-evaluate"]["digest"]
    try:
        with checks.check("pins: the lock and the limits are edited while a run is going"):
            runs.start(DAG, _RUN, _CONF)
            await_true(lambda: runs.state(DAG, _RUN, "pin") == "success", "the run has its pins", 120)
            _edit(lock, _other_image)
            _edit(settings, _other_limit)
            runs.parse(DAG)
            assert runs.state(DAG, _RUN, "de.report") not in ("running", "success"), "the edit came too late"
        with checks.check("pins: the run ends with the versions that it began with"):
            outcome = runs.finish(DAG, _RUN)
            assert outcome.state == "success", outcome.states()
            found = manifests(made.artefacts / "runs" / _RUN)["de/evaluate/shard-0-of-1"]
            assert found["provenance"]["imageDigest"] == wanted
        with checks.check("pins: a later run takes the new ones"):
            runs.start(DAG, _LATER, _CONF)
            await_true(lambda: runs.state(DAG, _LATER, "pin") == "success", "the later run has its pins", 120)
            runs.end(DAG, _LATER)
            pins = json.loads((made.artefacts / "runs" / _LATER / "pins.json").read_text(encoding="utf-8"))
            assert pins["images"]["images"]["sq-evaluate"]["digest"] == _ABSENT
            assert pins["settings"]["stages"]["report"]["resources"]["memory_limit"] == _TOO_LITTLE
    finally:
        lock.write_bytes(before[0])
        settings.write_bytes(before[1])
        runs.parse(DAG)


def _edit(path: Path, change: Callable[[dict[str, Any]], None]) -> None:
    content = json.loads(path.read_text(encoding="utf-8"))
    change(content)
    path.write_text(json.dumps(content), encoding="utf-8")


def _other_image(lock: dict[str, Any]) -> None:
    lock["images"]["sq-evaluate"]["digest"] = _ABSENT


def _other_limit(settings: dict[str, Any]) -> None:
    settings["stages"] = settings["stages"] | {"report": {"resources": {"memory_limit": _TOO_LITTLE}}}
