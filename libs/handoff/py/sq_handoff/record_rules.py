"""What the rules of records are made of."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Container, Iterable

from google.protobuf.message import Message

_HEX64 = re.compile(r"[0-9a-f]{64}")


class RecordError(ValueError):
    """A field of a record breaks its contract. The message begins with the field's path."""

    def __init__(self, field: str, problem: str) -> None:
        super().__init__(f"{field}: {problem}")
        self.field = field
        self.problem = problem


# `at` is the path of the message and ends in ".", unless it is empty. The path of a field is built only for an error,
# because these functions run for every record.


def require(valid: bool, at: str, field: str, problem: str) -> None:
    if not valid:
        raise RecordError(at + field, problem)


def text(value: str, at: str, field: str) -> None:
    if not value:
        raise RecordError(at + field, "must not be empty")


def share(value: float, at: str, field: str) -> None:
    if not 0 <= value <= 1:  # also true for NaN
        raise RecordError(at + field, "must be from 0 to 1")


def finite(value: float, at: str, field: str) -> None:
    if not math.isfinite(value):
        raise RecordError(at + field, "must be finite")


def content_hash(value: str, at: str, field: str) -> None:
    if _HEX64.fullmatch(value) is None:
        raise RecordError(at + field, "must be 64 hexadecimal digits")


def chosen(value: int, known: Container[int], at: str, field: str) -> None:
    if value == 0:
        raise RecordError(at + field, "must be set")
    known_value(value, known, at, field)


def known_value(value: int, known: Container[int], at: str, field: str) -> None:
    if value not in known:
        raise RecordError(at + field, f"{value} is not a value of this enum; another version of sq may have written it")


def each(items: Iterable[Message], at: str, field: str, check: Callable[[Message, str], None]) -> None:
    for index, item in enumerate(items):
        check(item, f"{at}{field}[{index}].")
