"""Runs a stage as a local container of its image."""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from sq.v1.handoff_pb2 import Handoff
from sq_cli.children import Children, Ending
from sq_cli.engines.container import Container, Mount, User
from sq_cli.engines.engine import Engine
from sq_cli.images import Image
from sq_cli.places import places, secret_variables
from sq_cli.plan import Task
from sq_cli.stage_flags import stage_flags
from sq_handoff.location import local_path

IMAGE_USER = User(65532, 65532)
_HANDOFF_FOLDER = Path("/handoff")
_PASSED = ("SQ_LOG_LEVEL", "TRACEPARENT")
_PASSED_BEGIN = ("OTEL_",)
# What the clients of s3:// and gs:// read.
_OF_STORES = (
    "AWS_ACCESS_KEY_ID",
    "AWS_DEFAULT_REGION",
    "AWS_EC2_METADATA_DISABLED",
    "AWS_ENDPOINT_URL",
    "AWS_ENDPOINT_URL_S3",
    "AWS_REGION",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "GOOGLE_APPLICATION_CREDENTIALS",
)
_FILE_OF_A_STORE = "GOOGLE_APPLICATION_CREDENTIALS"
_NO_NAME = re.compile("[^A-Za-z0-9]+")
_NAME_LENGTH = 40
# Answers that are kept for other runs: the one place of a configuration that stages write to.
_WRITTEN = "cache_uri"


def user_of_this_run() -> User:
    """Whose rights stages have: the caller's, so that what they write is the caller's; never those of root.

    Nothing in an image belongs to its user, so any user can run it. Where root calls, as ctr needs it, it is
    the image's.
    """
    return User(os.geteuid(), os.getegid()) if os.geteuid() else IMAGE_USER


def give(folder: Path, user: User) -> None:
    """Makes a folder that is a user's with all that is in it; root alone has to give anything away."""
    folder.mkdir(parents=True, exist_ok=True)
    if os.geteuid() != 0:
        return
    for path in [folder, *folder.rglob("*")]:
        os.chown(path, user.uid, user.gid, follow_symlinks=False)


@dataclass(frozen=True)
class LoadedImage:
    """An image and what its engine calls it."""

    image: Image
    reference: str


class ContainerRuntime:
    """Starts images. stop() ends what is running, cleanly.

    A stop that comes before a stage listens to it (its first second) is missed, as the first process of a container
    ignores signals it does not catch: the stage runs to its end, or until it is asked again.
    """

    def __init__(
        self,
        run_id: str,
        run_uri: str,
        engine: Engine,
        loaded: dict[str, LoadedImage],
        passed: Iterable[str] = (),
    ) -> None:
        """Takes over a run: containers left of it by a command that was killed are removed.

        Args:
            run_uri: prefix under which the run writes everything.
            loaded: by the names that contracts have.
            passed: names of further environment variables that stages get.
        """
        self._run_id = run_id
        self._run_uri = run_uri
        self._engine = engine
        self._loaded = loaded
        self._passed = tuple(passed)
        self._user = user_of_this_run()
        self._children = Children(own_groups=True)
        self._prefix = f"sq-{hashlib.sha256(run_uri.encode()).hexdigest()[:12]}-"
        if is_local(run_uri):
            give(local_path(run_uri), self._user)
        engine.clear(self._prefix)

    def run(
        self,
        task: Task,
        handoffs: Sequence[tuple[str, Handoff]],
        attempt: int,
        on_event: Callable[[dict], None],
    ) -> Ending:
        """Runs one task to its end.

        Args:
            handoffs: input name and what its source returned.
            on_event: is given every log event of the stage.
        """
        with tempfile.TemporaryDirectory(prefix="sq-") as name:
            folder = Path(name)
            container = self._container(task, handoffs, attempt, folder)
            command = self._engine.command(container, folder)
            environment = self._engine.environment(container)
            handoff_file = folder / "handoff" / "handoff.json"
            return self._children.run(task, command, environment, handoff_file, on_event)

    def _container(self, task: Task, handoffs: Sequence[tuple[str, Handoff]], attempt: int, folder: Path) -> Container:
        for own in ("handoff", "tmp"):
            give(folder / own, self._user)
        if is_local(task.output):
            # Another `sq`, whose run this one took over, may have put a log there since.
            give(local_path(task.output), self._user)
        loaded = self._loaded[task.contract.image]
        title = _NO_NAME.sub("-", task.name)[:_NAME_LENGTH].strip("-")
        return Container(
            name=f"{self._prefix}{secrets.token_hex(3)}-{title}",
            reference=loaded.reference,
            user=self._user,
            program=task.contract.entrypoint[0],
            arguments=tuple(stage_flags(self._run_id, task, handoffs)),
            mounts=self._mounts(task, folder),
            environment=self._environment(task, loaded.image, attempt),
        )

    def _mounts(self, task: Task, folder: Path) -> tuple[Mount, ...]:
        """The handoff's folder, /tmp, the run's folder, and all that the configuration names, where it is."""
        mounts = {
            Path("/tmp"): Mount(folder / "tmp", Path("/tmp"), read_only=False),
            _HANDOFF_FOLDER: Mount(folder / "handoff", _HANDOFF_FOLDER, read_only=False),
        }
        if is_local(self._run_uri):
            run = local_path(self._run_uri)
            mounts[run] = Mount(run.resolve(), run, read_only=False)
        for field, place in self._named(task):
            path = local_path(place)
            if field == _WRITTEN:
                give(path, self._user)
            # What is not there is the stage's to complain about.
            if path.exists() and path not in mounts:
                mounts[path] = Mount(path.resolve(), path, read_only=field != _WRITTEN)
        _make_points(folder / "tmp", mounts.values())
        return tuple(mounts[path] for path in sorted(mounts, key=lambda path: path.parts))

    def _named(self, task: Task) -> list[tuple[str, str]]:
        named = [(field, place) for field, place in places(task.config) if is_local(place)]
        credentials = os.environ.get(_FILE_OF_A_STORE)
        return [*named, (_FILE_OF_A_STORE, credentials)] if credentials and self._uses_stores(task) else named

    def _uses_stores(self, task: Task) -> bool:
        return not all(is_local(place) for place in [self._run_uri, *(place for _, place in places(task.config))])

    def _environment(self, task: Task, image: Image, attempt: int) -> dict[str, str]:
        contract = task.contract
        names = {*_PASSED, *self._passed, *secret_variables(task.config)}
        names.update(variable.name for variable in contract.env)
        names.update(secret.env for secret in contract.secrets if secret.env)
        names.update(name for name in os.environ if name.startswith(_PASSED_BEGIN))
        if self._uses_stores(task):
            names.update(_OF_STORES)
        revision = image.git_revision or os.environ.get("SQ_GIT_REVISION", "")
        return {name: os.environ[name] for name in sorted(names) if name in os.environ} | {
            "SQ_HANDOFF": str(_HANDOFF_FOLDER / "handoff.json"),
            "SQ_IMAGE_DIGEST": image.digest,
            "SQ_GIT_REVISION": revision,
            "SQ_TRY": str(attempt),
        }

    def stop(self) -> None:
        """Asks every running stage to stop; what they did so far is kept."""
        self._children.stop()


def _make_points(tmp: Path, mounts: Iterable[Mount]) -> None:
    """Makes what is mounted below /tmp a place there: an engine would make it as a user who is not the caller."""
    for mount in mounts:
        if mount.target == Path("/tmp") or not mount.target.is_relative_to("/tmp"):
            continue
        point = tmp / mount.target.relative_to("/tmp")
        (point if mount.source.is_dir() else point.parent).mkdir(parents=True, exist_ok=True)
        if not mount.source.is_dir():
            point.touch()


def is_local(place: str) -> bool:
    """Whether a place is on this machine's file system."""
    return "://" not in place or place.startswith("file://")
