"""The small JSON a stage returns and the next receives: parsed, typed, and bounded."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

MAX_BYTES = 4096
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_SHARD = re.compile(r"([0-9]+/[0-9]+)?")
_URI = re.compile(r"(file|s3|gs)://.+")


class HandoffError(ValueError):
    """A handoff that breaks its contract."""


@dataclass(frozen=True)
class Handoff:
    """sq.v1.Handoff.

    Attributes:
        uri: folder of the artefact.
        digest: the artefact's.
        counts: records by kind.
        pages: names of the files for people beside the artefact.
    """

    stage: str
    run_id: str
    market: str
    shard: str
    uri: str
    digest: str
    message_type: str
    records: int
    counts: tuple[tuple[str, int], ...]
    first_segment: str
    last_segment: str
    pages: tuple[str, ...]

    @classmethod
    def parse(cls, value: object) -> Handoff:
        """Reads protojson of sq.v1.Handoff, as text or as what json.loads made of it.

        Raises:
            HandoffError: with the field, its value and what it must be.
        """
        if value is None:
            raise HandoffError("the handoff is missing: the stage wrote nothing to SQ_HANDOFF")
        text = value if isinstance(value, str) else json.dumps(value, separators=(",", ":"), ensure_ascii=False)
        size = len(text.encode())
        if size > MAX_BYTES:
            raise HandoffError(f"the handoff has {size} bytes, over {MAX_BYTES}: records belong in the artefact")
        try:
            fields = json.loads(text)
        except ValueError as error:
            raise HandoffError(f"the handoff is not JSON: {error}") from error
        if not isinstance(fields, dict):
            raise HandoffError(f"the handoff is a {type(fields).__name__}, not an object")
        return _Fields(fields).handoff()

    def to_json(self) -> dict:
        """The handoff as XCom keeps it: the protojson it was read from."""
        fields = {
            "stage": self.stage,
            "runId": self.run_id,
            "market": self.market,
            "shard": self.shard,
            "uri": self.uri,
            "digest": self.digest,
            "messageType": self.message_type,
            "records": str(self.records) if self.records else "",
            "counts": [{"kind": kind, "records": str(records)} for kind, records in self.counts],
            "firstSegment": self.first_segment,
            "lastSegment": self.last_segment,
            "pages": list(self.pages),
        }
        return {name: value for name, value in fields.items() if value}


@dataclass(frozen=True)
class Expected:
    """What the handoff of a task has to say."""

    stage: str
    run_id: str
    market: str
    shard: str
    uri: str
    message_type: str

    def check(self, handoff: Handoff) -> None:
        """Raises HandoffError for the first field that is another's."""
        for name, wanted in vars(self).items():
            given = getattr(handoff, name)
            if given != wanted:
                raise HandoffError(f"handoff: {name} is {given!r}, but this task's is {wanted!r}")


class _Fields:
    """Takes typed fields out of a JSON object."""

    _NAMES = frozenset(
        (
            *("stage", "runId", "market", "shard", "uri", "digest", "messageType", "records", "counts"),
            *("firstSegment", "lastSegment", "pages"),
        )
    )

    def __init__(self, fields: Mapping) -> None:
        unknown = sorted(set(fields) - self._NAMES)
        if unknown:
            raise HandoffError(f"handoff: {unknown[0]} is no field of it")
        self._fields = fields

    def handoff(self) -> Handoff:
        return Handoff(
            stage=self._text("stage", required=True),
            run_id=self._text("runId", required=True),
            market=self._text("market"),
            shard=self._text("shard", _SHARD),
            uri=self._text("uri", _URI, required=True),
            digest=self._text("digest", _DIGEST, required=True),
            message_type=self._text("messageType", required=True),
            records=_number("records", self._fields.get("records", 0)),
            counts=tuple(self._count(item) for item in self._list("counts")),
            first_segment=self._text("firstSegment"),
            last_segment=self._text("lastSegment"),
            pages=tuple(self._page(item) for item in self._list("pages")),
        )

    def _text(self, name: str, pattern: re.Pattern | None = None, required: bool = False) -> str:
        value = self._fields.get(name, "")
        if not isinstance(value, str):
            raise HandoffError(f"handoff: {name} is {value!r}, not a text")
        if required and not value:
            raise HandoffError(f"handoff: {name} is missing")
        if pattern and not pattern.fullmatch(value):
            raise HandoffError(f"handoff: {name} is {value!r}, which does not match {pattern.pattern}")
        return value

    def _list(self, name: str) -> list:
        value = self._fields.get(name, [])
        if not isinstance(value, list):
            raise HandoffError(f"handoff: {name} is {value!r}, not a list")
        return value

    @staticmethod
    def _count(item: object) -> tuple[str, int]:
        if not isinstance(item, dict) or not isinstance(item.get("kind"), str):
            raise HandoffError(f"handoff: counts has {item!r}, not a kind and its records")
        return item["kind"], _number("counts", item.get("records", 0))

    @staticmethod
    def _page(item: object) -> str:
        if not isinstance(item, str) or not item or "/" in item:
            raise HandoffError(f"handoff: pages has {item!r}, not the name of a file")
        return item


def _number(name: str, value: object) -> int:
    """protojson writes 64-bit numbers as texts."""
    try:
        number = int(value) if isinstance(value, int | str) and not isinstance(value, bool) else -1
    except ValueError:
        number = -1
    if number < 0:
        raise HandoffError(f"handoff: {name} is {value!r}, not a count")
    return number
