"""What a run was started with: the lock, the configuration, the settings and the wiring, kept in the run's folder."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from sq_airflow.failure import Failure
from sq_airflow.json_model import Digest, JsonModel, NonEmpty, first_problem
from sq_airflow.places import Places
from sq_airflow.store import read, write

KIND = "pins"
NAME = "pins.json"
TASK = "pin"


class PinsError(Exception):
    """A run has no pins, or its pins cannot be used."""


class PinRef(JsonModel, extra="forbid"):
    """Where the pins of a run are; what the task `pin` returns.

    Attributes:
        versions: file to the digest of its content; image to its version.
    """

    uri: NonEmpty
    digest: Digest
    versions: Mapping[str, str]


class Pins(JsonModel, extra="forbid"):
    """The files of a run, as they were when it began.

    Attributes:
        images: None where stages run as processes.
        bundle_version: version of Airflow's DAG bundle; empty if the bundle has none.
        dag_id, run_id, params: of the run, so that its folder says whose it is and what else it reads.
    """

    pipeline: Mapping[str, Any]
    run: Mapping[str, Any]
    settings: Mapping[str, Any]
    images: Mapping[str, Any] | None = None
    bundle_version: str = ""
    dag_id: str = ""
    run_id: str = ""
    params: Mapping[str, Any] = {}

    @classmethod
    def read(cls, places: Places, images: bool, bundle_version: str = "") -> Pins:
        """The files as they are now.

        Args:
            images: whether stages run as images.
        """
        return cls(
            pipeline=json.loads(places.pipeline.read_bytes()),
            run=json.loads(places.run_config.read_bytes()),
            settings=json.loads(places.settings.read_bytes()),
            images=json.loads(places.images.read_bytes()) if images else None,
            bundle_version=bundle_version,
        )

    def of_run(self, dag_id: str, run_id: str, params: Mapping[str, Any]) -> Pins:
        """The same files, as those of a run."""
        return self.model_copy(update={"dag_id": dag_id, "run_id": run_id, "params": dict(params)})

    @property
    def versions(self) -> dict[str, str]:
        """Which versions make the run: a digest for each file, and the version of each image."""
        files = {"pipeline.json": self.pipeline, "run.json": self.run, "settings.json": self.settings}
        files |= {"images.lock.json": self.images} if self.images else {}
        found = {name: _digest(_canonical(content)) for name, content in files.items()}
        for name, image in ((self.images or {}).get("images") or {}).items():
            found[name] = image.get("version") or image["digest"]
        return found | ({"dags": self.bundle_version} if self.bundle_version else {})

    def keep(self, folder: str, storage_conn_id: str) -> PinRef:
        """Writes the pins to a run's folder. Returns where they are."""
        uri, content = _uri(folder), _canonical(self.model_dump(mode="json"))
        write(uri, content, storage_conn_id)
        return PinRef(uri=uri, digest=_digest(content), versions=self.versions)


def find(folder: str, storage_conn_id: str) -> tuple[PinRef, Pins] | None:
    """The pins that a run's folder has; None if it has none. Raises PinsError if another version wrote them."""
    uri = _uri(folder)
    try:
        content = read(uri, storage_conn_id)
    except FileNotFoundError:
        return None
    pins = _parsed(content, uri)
    return PinRef(uri=uri, digest=_digest(content), versions=pins.versions), pins


def load(value: object, storage_conn_id: str) -> Pins:
    """The pins that the task `pin` named.

    Raises:
        PinsError: the task left no reference, or the file is not there or another one.
    """
    if value is None:
        raise PinsError("the task pin left nothing; clear it, or start a new run if this one has no such task")
    try:
        ref = PinRef.model_validate(value)
    except ValidationError as error:
        raise PinsError(f"the task pin left no reference to the pins: {first_problem(error)}") from None
    try:
        content = read(ref.uri, storage_conn_id)
    except FileNotFoundError:
        raise PinsError(f"{ref.uri} is gone; clear the task pin to take the versions of now") from None
    if _digest(content) != ref.digest:
        raise PinsError(f"{ref.uri} was changed: its digest is {_digest(content)}, and the run began with {ref.digest}")
    return _parsed(content, ref.uri)


def failure(error: Exception) -> Failure:
    return Failure(KIND, f"The run cannot use what it was started with: {error}.", retry=False)


def _parsed(content: bytes, uri: str) -> Pins:
    try:
        return Pins.model_validate_json(content)
    except ValidationError as error:
        raise PinsError(f"{uri} was written by another version: {first_problem(error)}; start a new run") from None


def _uri(folder: str) -> str:
    return f"{folder}/{NAME}"


def _canonical(content: object) -> bytes:
    return json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


def _digest(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"
