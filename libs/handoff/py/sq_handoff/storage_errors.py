"""Errors of storage: it is away, it refuses, or it is full. Each is one sentence, without the service's dump."""

from __future__ import annotations

import errno
import re
from collections.abc import Iterator
from contextlib import contextmanager

from obstore.exceptions import GenericError, InvalidPathError, PermissionDeniedError, UnauthenticatedError

_STATUS = re.compile(r"status code: (\d{3})")
_CODE = re.compile(r"<Code>([^<]{1,100})</Code>")
_MESSAGE = re.compile(r"<Message>([^<]{1,300})</Message>")
_SYSTEM = re.compile(r"\(os error (\d+)\)")
_FULL = frozenset([errno.ENOSPC, errno.EDQUOT])
_DENIED = frozenset([errno.EACCES, errno.EPERM, errno.EROFS])
_NO_PLACE = frozenset(
    [errno.ENOENT, errno.ENOTDIR, errno.EISDIR, errno.EEXIST, errno.ENAMETOOLONG, errno.EINVAL, errno.ELOOP]
)
# Answers of 4xx that pass: time-outs, too many requests, and credentials that the machine renews.
_PASSING_STATUS = frozenset(["408", "409", "425", "429"])
_PASSING_CODES = frozenset(["ExpiredToken", "RequestTimeout", "SlowDown", "RequestTimeTooSkewed"])
_OF_OBJECTS = frozenset(["", "NoSuchKey"])
_LONGEST = 300


class StorageError(Exception):
    """An operation of a store failed.

    Attributes:
        fix: what to do.
    """

    fix = "check the storage"

    def __init__(self, uri: str, verb: str, problem: str) -> None:
        super().__init__(f"cannot {verb} {uri}: {problem}")
        self.uri = uri
        self.problem = problem


class StorageAway(StorageError):
    """The storage does not answer; the same operation may succeed later."""

    fix = "try again when the storage answers"


class StorageFull(StorageAway):
    """There is no room left; the same operation may succeed when somebody has made some."""

    fix = "make room there, then try again"


class StorageRefused(StorageError):
    """The storage refuses: wrong credentials, no permission, or no such place. A retry cannot help."""

    fix = "check the URI, the credentials and their permissions"


@contextmanager
def storage_errors(uri: str, verb: str) -> Iterator[None]:
    """Turns the errors of obstore and of the file system into StorageError. A missing object stays FileNotFoundError.

    Args:
        verb: what is done: "read", "write", "list", "delete", "open".
    """
    try:
        yield
    except (GenericError, InvalidPathError, PermissionDeniedError, UnauthenticatedError, OSError) as error:
        if isinstance(error, FileNotFoundError) and verb != "write" and _code(error) in _OF_OBJECTS:
            raise FileNotFoundError(uri) from error
        raise _storage_error(uri, verb, error) from error


def is_full(error: BaseException | None) -> bool:
    """Whether an error, or one that led to it, says that a disk has no room left."""
    while error is not None:
        if isinstance(error, StorageFull) or getattr(error, "errno", None) in _FULL:
            return True
        if "No space left on device" in str(error):
            return True
        error = error.__cause__ or error.__context__
    return False


def _storage_error(uri: str, verb: str, error: Exception) -> StorageError:
    text = str(error)
    number = _system_number(error, text)
    if number in _FULL:
        return StorageFull(uri, verb, "there is no space left")
    if number in _DENIED:
        return StorageRefused(uri, verb, "permission denied")
    if number in _NO_PLACE:
        return StorageRefused(uri, verb, text.splitlines()[0])
    found = _STATUS.search(text)
    status = found[1] if found else ""
    problem = _said(status, text)
    if _code(error) in _PASSING_CODES or status in _PASSING_STATUS:
        return StorageAway(uri, verb, problem)
    refuses = isinstance(error, PermissionDeniedError | UnauthenticatedError | InvalidPathError | FileNotFoundError)
    if refuses or status.startswith("4") or verb == "open":
        return StorageRefused(uri, verb, problem)
    return StorageAway(uri, verb, problem)


def _system_number(error: Exception, text: str) -> int | None:
    number = getattr(error, "errno", None)
    found = _SYSTEM.search(text)
    return number if number is not None else int(found[1]) if found else None


def _code(error: Exception) -> str:
    """The service's name for the error; "" if it gives none."""
    found = _CODE.search(str(error))
    return found[1] if found else ""


def _said(status: str, text: str) -> str:
    """The service's own code and message, or else the first line of the error."""
    said = [found[1].strip() for found in (_CODE.search(text), _MESSAGE.search(text)) if found]
    if status:
        return ": ".join([f"HTTP {status}", *said])
    return text.splitlines()[0][:_LONGEST] if text else "no reason is given"
