"""Errors of a store become those of the field that names the model."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sq_handoff import StorageAway, StorageRefused, Store
from sq_stagekit import InputError, TryAgainError


@contextmanager
def storage_of(field: str) -> Iterator[None]:
    """Raises InputError where the storage refuses, and TryAgainError where it does not answer."""
    try:
        yield
    except StorageAway as error:
        raise TryAgainError(f"{error}; {error.fix}") from error
    except StorageRefused as error:
        raise InputError(field, str(error), error.fix) from error


def store_at(uri: str, field: str) -> Store:
    """Opens a store. Raises InputError for a URI that is none, and as `storage_of`."""
    try:
        with storage_of(field):
            return Store.at(uri)
    except ValueError as error:
        raise InputError(field, str(error), "give a path, file://, s3:// or gs://") from error
