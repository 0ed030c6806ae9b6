"""The files and folders of this machine that a stage gets in its container."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from sq_cli.container_environment import CREDENTIALS_FILE
from sq_cli.container_user import give
from sq_cli.engines.container import Mount, User
from sq_cli.places import is_local, places
from sq_cli.plan import Task
from sq_handoff.location import local_path
from sq_models import is_reference

HANDOFF_FOLDER = Path("/handoff")
_TMP = Path("/tmp")
# Answers that are kept for other runs, and the figures of all runs: the paths of a configuration that stages write to.
_WRITTEN = ("cache_uri", "history_uri")


def container_mounts(task: Task, run_uri: str, folder: Path, user: User, *, stores: bool) -> tuple[Mount, ...]:
    """The handoff's folder, /tmp, the run's folder, and every path of the configuration, mounted at the same path.

    Args:
        folder: has the folders `handoff` and `tmp` of this attempt.
        user: runs the stage.
        stores: the stage reads or writes s3:// or gs://, and so needs the file with credentials.
    """
    mounts = {
        _TMP: Mount(folder / "tmp", _TMP, read_only=False),
        HANDOFF_FOLDER: Mount(folder / "handoff", HANDOFF_FOLDER, read_only=False),
    }
    if is_local(run_uri):
        run = local_path(run_uri)
        mounts[run] = Mount(run.resolve(), run, read_only=False)
    for field, place in _named(task, stores):
        path = _on_disk(local_path(place))
        if field in _WRITTEN:
            give(path, user)
        # The stage itself reports a path that does not exist.
        if path.exists() and path not in mounts:
            mounts[path] = Mount(path.resolve(), path, read_only=field not in _WRITTEN)
    _make_points(folder / "tmp", mounts.values())
    return tuple(mounts[path] for path in sorted(mounts, key=lambda path: path.parts))


def _named(task: Task, stores: bool) -> list[tuple[str, str]]:
    named = [(field, place) for field, place in places(task.config) if is_local(place)]
    credentials = os.environ.get(CREDENTIALS_FILE)
    return [*named, (CREDENTIALS_FILE, credentials)] if credentials and stores else named


def _on_disk(path: Path) -> Path:
    """The folder of a model of a local bucket, which is named BUCKET/NAME@VERSION; any other path as it is."""
    if path.exists() or not is_reference(str(path)):
        return path
    return path.with_name(path.name.partition("@")[0])


def _make_points(tmp: Path, mounts: Iterable[Mount]) -> None:
    """Makes the mount points below /tmp. An engine would make them as another user than the caller."""
    for mount in mounts:
        if mount.target == _TMP or not mount.target.is_relative_to(_TMP):
            continue
        point = tmp / mount.target.relative_to(_TMP)
        (point if mount.source.is_dir() else point.parent).mkdir(parents=True, exist_ok=True)
        if not mount.source.is_dir():
            point.touch()
