"""Reads a small file that a configuration names."""

from __future__ import annotations

from sq_handoff import StorageAway, StorageRefused, Store
from sq_handoff.location import absolute, local_path
from sq_stagekit.errors import InputError, TryAgainError

# Bytes. Prompts and the like have a few thousand.
MOST_BYTES = 64 * 1024


def read_small_file(uri: str, field: str) -> bytes:
    """The bytes of a file at a path, or a file://, s3:// or gs:// URI.

    Args:
        field: of the configuration, for errors.

    Raises:
        InputError: there is no such file, it cannot be read, or it has more than 64 KiB.
        TryAgainError: the storage does not answer.
    """
    try:
        data = _read(absolute(uri), MOST_BYTES + 1)
    except ValueError as error:
        raise InputError(field, str(error), "give a path, or a file://, s3:// or gs:// URI") from error
    except FileNotFoundError as error:
        raise InputError(field, f"there is no file {uri}", "give a file that exists") from error
    except OSError as error:
        raise InputError(field, f"cannot read {uri}: {error.strerror}", "give a readable file") from error
    except StorageRefused as error:
        raise InputError(field, f"cannot read {uri}: {error.problem}", error.fix) from error
    except StorageAway as error:
        raise TryAgainError(f"{field}: cannot read {uri} now: {error.problem}; {error.fix}") from error
    if len(data) > MOST_BYTES:
        raise InputError(field, f"{uri} has more than {MOST_BYTES} bytes", "give a shorter file")
    return data


def _read(place: str, most: int) -> bytes:
    """The first bytes at a URI. Raises OSError on this machine, FileNotFoundError or StorageError elsewhere."""
    if place.startswith("file://"):
        with local_path(place).open("rb") as file:
            return file.read(most)
    parent, _, name = place.rpartition("/")
    return Store.at(parent).get_range(name, 0, most)
