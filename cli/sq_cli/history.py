"""Records the runs that this user started, so that `latest` and a run id find them."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from sq_handoff.location import join
from sq_stagekit.errors import InputError


@dataclass(frozen=True)
class RunPlace:
    """A run and the prefix under which it wrote everything."""

    run_id: str
    uri: str


def _file() -> Path:
    state = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local/state"
    return Path(state) / "sq" / "runs.ndjson"


def remember(place: RunPlace) -> None:
    """Appends a run. A run that is appended again becomes the latest."""
    path = _file()
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(asdict(place)) + "\n")


def find(name: str) -> RunPlace:
    """The run named by "latest", by a run id, or by the run's own folder or URI.

    Raises:
        InputError: there is no such run.
    """
    if "/" in name or Path(name).is_dir():
        return RunPlace(name.rstrip("/").rsplit("/", 1)[-1], name)
    places = _places()
    if name == "latest" and places:
        return places[-1]
    for place in reversed(places):
        if place.run_id == name:
            return place
    known = ", ".join(place.run_id for place in places[-3:]) or "none"
    raise InputError("RUN", f"there is no run {name!r}", f"give one of {known}, or the folder of a run")


def _places() -> list[RunPlace]:
    try:
        lines = _file().read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return []
    return [RunPlace(**json.loads(line)) for line in lines if line.endswith("}")]


def place_of(workspace_uri: str, run_id: str) -> RunPlace:
    return RunPlace(run_id, join(workspace_uri, run_id))
