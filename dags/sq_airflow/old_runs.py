"""Finds and removes the folders of runs that nobody needs any more."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sq_airflow.pins import NAME, Pins, PinsError, find
from sq_airflow.places import Places
from sq_airflow.run_files import RunFiles
from sq_airflow.run_folder import run_folder
from sq_airflow.settings import KeepRuns
from sq_airflow.store import exists, folders, remove_folder, size, written

# A file of this name in the folder of a run keeps it for good.
KEEP = "keep"
_OF_MODELS = ("judge-training", "judge-inference")
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Run:
    """The folder of a run.

    Attributes:
        began: when the run kept its pins.
        kept: somebody put the file `keep` into it.
    """

    uri: str
    pins: Pins
    began: datetime
    kept: bool = False

    @property
    def names(self) -> frozenset[str]:
        """Places that the run reads: those in its configuration, settings and parameters, and its baseline's folder."""
        baseline = self.pins.params.get("baseline_run")
        beside = [f"{self.uri.rpartition('/')[0]}/{run_folder(baseline)}"] if baseline else []
        return frozenset([*beside, *places_in([self.pins.run, self.pins.settings, self.pins.params])])


def find_expired(places: Places, keep: KeepRuns, storage_conn_id: str, ti: Any) -> list[Run]:
    """The runs to remove, of all DAGs: a run of one may read that of another.

    Args:
        ti: the task instance that asks, by which Airflow tells the states of runs.
    """
    folders_of_runs, named = roots(places)
    runs = [run for root in folders_of_runs for run in runs_in(root, storage_conn_id)]
    return expired(runs, keep, named, lambda run: is_active(ti, run), datetime.now(UTC))


def roots(places: Places) -> tuple[list[str], frozenset[str]]:
    """The folders in which runs keep their records, and the places that the configuration names now."""
    files = [RunFiles.read(places)]
    for name in _OF_MODELS:
        if files[0].run.has(name.replace("-", "_")):
            files.append(RunFiles.read(places.wired(name)))
    named = places_in([files[0].run.model_dump(), files[0].settings.model_dump()])
    return list(dict.fromkeys(one.records for one in files)), frozenset(named)


def runs_in(root: str, storage_conn_id: str) -> Iterator[Run]:
    """The runs in a folder. A folder without pins is no run of Airflow's, such as a history, and is left alone."""
    for uri in folders(root, storage_conn_id):
        try:
            found = find(uri, storage_conn_id)
        except PinsError as error:
            log.warning("Keeping %s: %s", uri, error)
            continue
        if found and found[1].run_id:
            began = written(f"{uri}/{NAME}", storage_conn_id)
            yield Run(uri, found[1], began, exists(f"{uri}/{KEEP}", storage_conn_id))
        elif found:
            log.warning("Keeping %s: another version kept its pins, and they do not say which run it is", uri)


def expired(
    runs: Sequence[Run], keep: KeepRuns, named: Iterable[str], is_active: Callable[[Run], bool], now: datetime
) -> list[Run]:
    """The runs to remove, the oldest first.

    Args:
        named: places that the configuration names.
        is_active: whether a run waits or works in Airflow. Only asked about runs that are old enough.
    """
    newest_first = sorted(runs, key=lambda run: run.began, reverse=True)
    counts: dict[str, int] = {}
    old, kept = [], []
    for run in newest_first:
        counts[run.pins.dag_id] = counts.get(run.pins.dag_id, 0) + 1
        young = counts[run.pins.dag_id] <= keep.last or now - run.began < timedelta(days=keep.days)
        (kept if young or run.kept or is_active(run) else old).append(run)
    # What a kept run reads stays too, and so does what that one reads.
    needed = [*named, *(place for run in kept for place in run.names)]
    while needed:
        kept = [run for run in old if any(_is_in(place, run.uri) for place in needed)]
        old = [run for run in old if run not in kept]
        needed = [place for run in kept for place in run.names]
    return old[::-1]


def places_in(value: object) -> Iterator[str]:
    """Every text in a document that may be a place, as a URI."""
    if isinstance(value, Mapping):
        for item in value.values():
            yield from places_in(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from places_in(item)
    elif isinstance(value, str) and value.startswith("/"):
        yield Path(value).as_uri()
    elif isinstance(value, str) and "://" in value:
        yield value


def listed(runs: Sequence[Run], storage_conn_id: str) -> dict[str, int]:
    """Writes the runs to the log. Returns the bytes of each folder by its URI."""
    sizes = {run.uri: size(run.uri, storage_conn_id) for run in runs}
    for run in runs:
        about = f"{run.uri}: {run.pins.run_id} of {run.pins.dag_id}, began {run.began:%Y-%m-%d}"
        log.info("To remove: %s, %s bytes", about, f"{sizes[run.uri]:,}")
    log.info("To remove: %d runs, %s bytes", len(runs), f"{sum(sizes.values()):,}")
    return sizes


def remove_run(run: Run, storage_conn_id: str) -> None:
    """Removes a run's folder. Its pins go last, so that a removal that was interrupted is found and continued."""
    for uri in folders(run.uri, storage_conn_id):
        remove_folder(uri, storage_conn_id)
    remove_folder(run.uri, storage_conn_id)
    log.info("Removed %s", run.uri)


def is_active(ti: Any, run: Run) -> bool:
    """Whether a run waits or works, as Airflow's database has it."""
    return ti.get_dr_count(dag_id=run.pins.dag_id, run_ids=[run.pins.run_id], states=["queued", "running"]) > 0


def _is_in(place: str, folder: str) -> bool:
    return f"{place.rstrip('/')}/".startswith(f"{folder}/")
