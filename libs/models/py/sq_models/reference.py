"""How a configuration names a model: BUCKET/NAME@VERSION, BUCKET/NAME@production, or a folder."""

from __future__ import annotations

import re
from dataclasses import dataclass

from sq_stagekit import InputError

PRODUCTION = "production"
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,99}")
_NAME_FIX = "use at most 100 lower-case letters, digits, dashes, dots and underscores; start with a letter or digit"
_FIX = "give BUCKET/NAME@VERSION or BUCKET/NAME@production, such as s3://lake/models/judge@production"


@dataclass(frozen=True)
class Reference:
    """A model of a bucket.

    Attributes:
        uri: of the model's folder, BUCKET/NAME: a path or URI.
        version: "" where none is named.
    """

    uri: str
    version: str = ""

    def __str__(self) -> str:
        return f"{self.uri}@{self.version}" if self.version else self.uri

    @property
    def name(self) -> str:
        return self.uri.rpartition("/")[2]

    @property
    def moves(self) -> bool:
        """Whether it may mean another version later."""
        return self.version == PRODUCTION

    def at(self, version: str) -> Reference:
        """The same model in a version."""
        return Reference(self.uri, version)


def is_reference(text: str) -> bool:
    """Whether a text names a model of a bucket, and not a folder: its last part has an @."""
    return "@" in text.rstrip("/").rpartition("/")[2]


def parse_reference(text: str, field: str) -> Reference:
    """BUCKET/NAME, with or without @VERSION.

    Raises:
        InputError: the name or the version cannot be that of a model.
    """
    before, slash, last = text.rstrip("/").rpartition("/")
    name, at, version = last.partition("@")
    check_name(name, "name", field)
    if at and not version:
        raise InputError(field, f"{text} ends in @ without a version", _FIX)
    if version:
        check_name(version, "version", field)
    return Reference(f"{before}{slash}{name}", version)


def check_name(text: str, what: str, field: str) -> None:
    """Raises InputError if a text cannot be the name or the version of a model."""
    if not _NAME.fullmatch(text):
        raise InputError(field, f"{text!r} cannot be the {what} of a model", _NAME_FIX)
