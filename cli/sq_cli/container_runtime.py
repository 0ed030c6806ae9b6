"""Runs a stage as a local container of its image."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from sq_cli.container_environment import container_environment
from sq_cli.container_mounts import HANDOFF_FOLDER, container_mounts
from sq_cli.container_user import give, user_of_this_run
from sq_cli.engines.container import Container
from sq_cli.engines.engine import Engine
from sq_cli.images import Image
from sq_cli.places import is_local, places
from sq_cli.plan import Task
from sq_cli.stage_runtime import Launch, StageRuntime
from sq_handoff.location import local_path

_HANDOFF = "handoff.json"
_NO_NAME = re.compile("[^A-Za-z0-9]+")
_NAME_LENGTH = 40


@dataclass(frozen=True)
class LoadedImage:
    """An image, and its name in the engine."""

    image: Image
    reference: str


class ContainerRuntime(StageRuntime):
    """Runs the stages' images on this machine.

    stop() has no effect on a stage in its first second: the first process of a container ignores signals it does not
    handle yet. Such a stage runs to its end, or until stop() is called again.
    """

    def __init__(
        self,
        run_id: str,
        run_uri: str,
        engine: Engine,
        loaded: dict[str, LoadedImage],
        passed: Iterable[str] = (),
    ) -> None:
        """Takes over a run: removes containers that a killed command left.

        Args:
            run_uri: prefix under which the run writes everything.
            loaded: images by the names that contracts use.
            passed: names of further environment variables for stages.
        """
        super().__init__(run_id, own_groups=True)
        self._run_uri = run_uri
        self._engine = engine
        self._loaded = loaded
        self._passed = tuple(passed)
        self._user = user_of_this_run()
        self._prefix = f"sq-{hashlib.sha256(run_uri.encode()).hexdigest()[:12]}-"
        if is_local(run_uri):
            give(local_path(run_uri), self._user)
        engine.remove(self._prefix)

    def _launch(self, task: Task, flags: Sequence[str], attempt: int, folder: Path) -> Launch:
        container = self._container(task, flags, attempt, folder)
        command = self._engine.command(container, folder)
        return Launch(command, self._engine.environment(container), folder / "handoff" / _HANDOFF)

    def _container(self, task: Task, flags: Sequence[str], attempt: int, folder: Path) -> Container:
        for own in ("handoff", "tmp"):
            give(folder / own, self._user)
        if is_local(task.output):
            # An earlier `sq` of this run may have written a log there as another user.
            give(local_path(task.output), self._user)
        loaded = self._loaded[task.contract.image]
        stores = not all(is_local(place) for place in [self._run_uri, *(place for _, place in places(task.config))])
        title = _NO_NAME.sub("-", task.name)[:_NAME_LENGTH].strip("-")
        handoff_file = HANDOFF_FOLDER / _HANDOFF
        return Container(
            name=f"{self._prefix}{secrets.token_hex(3)}-{title}",
            reference=loaded.reference,
            user=self._user,
            program=task.contract.entrypoint[0],
            arguments=tuple(flags),
            mounts=container_mounts(task, self._run_uri, folder, self._user, stores=stores),
            environment=container_environment(task, loaded.image, attempt, handoff_file, self._passed, stores=stores),
        )
