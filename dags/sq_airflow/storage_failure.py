"""Explains why Airflow itself could not read or write the storage of artefacts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from airflow.sdk.exceptions import AirflowNotFoundException

from sq_airflow.failure import Failure

KIND = "storage"
# What stores raise for a wrong key or a missing right. botocore's and gcsfs's own errors are found by name.
_REFUSED = (PermissionError, AirflowNotFoundException)
_REFUSED_NAMES = frozenset(["NoCredentialsError", "PartialCredentialsError", "NoSuchBucket", "RefreshError"])
_LONGEST = 300


class StorageError(Exception):
    """Airflow could not use a place in the storage.

    Attributes:
        failure: of the task that needed it.
    """

    def __init__(self, uri: str, error: BaseException) -> None:
        refused = isinstance(error, _REFUSED) or bool(_names(error) & _REFUSED_NAMES)
        about = " ".join(str(error).split())[:_LONGEST]
        verb = "may not" if refused else "cannot"
        sentence = f"Airflow {verb} use {uri} by its connection to the storage: {type(error).__name__}: {about}"
        self.failure = Failure(KIND, sentence, retry=not refused)
        super().__init__(sentence)


@contextmanager
def using(uri: str) -> Iterator[None]:
    """Turns what a store raises into a StorageError. A file that is not there stays a FileNotFoundError."""
    try:
        yield
    except (FileNotFoundError, StorageError):
        raise
    except Exception as error:  # Each store has errors of its own, which share no class.
        raise StorageError(uri, error) from error


@contextmanager
def explained_storage(title: str) -> Iterator[None]:
    """Turns a StorageError into the failure of a task."""
    try:
        yield
    except StorageError as error:
        raise error.failure.error(title) from None


def _names(error: BaseException | None) -> set[str]:
    """The names of an error and of those that caused it."""
    found = set()
    while error is not None and len(found) < 10:
        found.add(type(error).__name__)
        error = error.__cause__ or error.__context__
    return found
