"""The versions of one model in a bucket, and which one is in production.

BUCKET/NAME/VERSION/…               the signed folder
BUCKET/NAME/_registry/VERSION.json      sq.v1.RegisteredModel: the digest that the folder must have
BUCKET/NAME/_production/NUMBER.json     sq.v1.Promotion: one move of the pointer; the last one counts

Entries are written by conditional put and never replaced. So of two writers one wins on every storage, and the history
of the pointer cannot be lost.
"""

from __future__ import annotations

import getpass
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import protovalidate
from google.protobuf import json_format
from google.protobuf.message import Message

from sq.v1.model_registry_pb2 import Promotion, RegisteredModel
from sq_handoff.canonical_json import canonical_json
from sq_handoff.location import join
from sq_models.folder import folder_digest, model_files
from sq_models.reference import PRODUCTION, Reference
from sq_models.storage import storage_of, store_at
from sq_stagekit import InputError

REGISTRY, POINTER = "_registry", "_production"
Entry = TypeVar("Entry", bound=Message)


@dataclass(frozen=True)
class Move:
    """A move of the production pointer, with its number from 1."""

    number: int
    promotion: Promotion


class Registry:
    """One model of a bucket."""

    def __init__(self, reference: Reference, field: str) -> None:
        """Opens nothing but the store. Raises InputError, TryAgainError.

        Args:
            field: of the configuration or command, for errors.
        """
        self.reference = reference
        self.field = field
        self._store = store_at(reference.uri, field)

    def versions(self) -> list[RegisteredModel]:
        """All versions, oldest first."""
        with storage_of(self.field):
            entries = [self._read(name, RegisteredModel) for name in self._store.list(REGISTRY)]
        return sorted(entries, key=lambda entry: (entry.register_time.ToNanoseconds(), entry.version))

    def registered(self, version: str) -> RegisteredModel:
        """The entry of a version. Raises InputError if there is none."""
        name = _entry(version)
        try:
            with storage_of(self.field):
                entry = self._read(name, RegisteredModel)
        except FileNotFoundError as error:
            known = ", ".join(item.version for item in self.versions()) or "none"
            problem = f"{self.reference.at(version)} is not registered"
            raise InputError(self.field, problem, f"registered versions: {known}") from error
        if entry.version != version:
            raise InputError(self.field, f"{join(self._store.uri, name)} is of {entry.version}", "restore the entry")
        return entry

    def resolve(self, version: str) -> RegisteredModel:
        """The entry that a version means now, or "production". Raises InputError."""
        if version != PRODUCTION:
            return self.registered(version)
        history = self.history()
        if not history:
            problem = f"no version of {self.reference.uri} is in production"
            raise InputError(self.field, problem, f"promote one: sq model promote {self.reference.uri}@VERSION")
        current = history[-1].promotion
        entry = self.registered(current.version)
        if entry.digest != current.digest:
            problem = f"{self.reference.at(entry.version)} has another digest than the one that was promoted"
            raise InputError(self.field, problem, "promote a version again")
        return entry

    def history(self) -> list[Move]:
        """All moves of the production pointer, oldest first."""
        with storage_of(self.field):
            names = self._store.list(POINTER)
            return [Move(self._number(name), self._read(name, Promotion)) for name in names]

    def register(self, folder: Path, version: str) -> RegisteredModel:
        """Registers a folder that was verified, and copies it to the bucket.

        The entry is written first, so that two writers never mix their files. An attempt that broke off is completed
        by registering the same folder again.

        Raises:
            InputError: the version is registered with other files.
            TryAgainError: the store does not answer.
        """
        entry = RegisteredModel(version=version, digest=folder_digest(folder), registered_by=who())
        entry.register_time.GetCurrentTime()
        with storage_of(self.field):
            if not self._store.put_once(_entry(version), canonical_json(entry)):
                there = self.registered(version)
                if there.digest != entry.digest:
                    problem = f"{self.reference.at(version)} is registered with other files"
                    raise InputError(self.field, problem, "register it as another version")
                entry = there
            for path in model_files(folder):
                self._store.put(f"{version}/{path.relative_to(folder).as_posix()}", path.read_bytes())
        return entry

    def move(self, after: int, promotion: Promotion) -> Move:
        """Moves the production pointer.

        Args:
            after: number of the last move that the caller knows; 0 for none.

        Raises:
            InputError: somebody else moved it since.
        """
        number = after + 1
        name = f"{POINTER}/{number:06}.json"
        with storage_of(self.field):
            if self._store.put_once(name, canonical_json(promotion)):
                return Move(number, promotion)
            other = self._read(name, Promotion)
        if other == promotion:  # the answer to the put was lost, and the store's client repeated it
            return Move(number, promotion)
        problem = f"{other.promoted_by} moved production to {other.version} at the same time, so it was not moved here"
        raise InputError(self.field, problem, f"look at sq model show {self.reference.uri}, then decide again")

    def _read(self, name: str, message: type[Entry]) -> Entry:
        try:
            entry = json_format.Parse(self._store.get(name), message())
            protovalidate.validate(entry)
        except (json_format.ParseError, UnicodeDecodeError, protovalidate.ValidationError) as error:
            problem = f"{join(self._store.uri, name)} is damaged: {error}"
            raise InputError(self.field, problem, "restore this object from a backup") from error
        return entry

    def _number(self, name: str) -> int:
        try:
            return int(name.rpartition("/")[2].removesuffix(".json"))
        except ValueError as error:
            problem = f"{join(self._store.uri, name)} is no move of the pointer"
            raise InputError(self.field, problem, "remove this object") from error


def who() -> str:
    """The user and the machine, as user@machine."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):  # a container's user may have no name
        user = "unknown"
    return f"{user}@{socket.gethostname()}"


def _entry(version: str) -> str:
    return f"{REGISTRY}/{version}.json"


def models_in(bucket: str, field: str) -> list[str]:
    """Names of the models of a bucket, sorted. Raises InputError, TryAgainError."""
    store = store_at(bucket, field)
    with storage_of(field):
        parts = (name.split("/") for name in store.list())
        return sorted({part[0] for part in parts if len(part) == 3 and part[1] == REGISTRY})
