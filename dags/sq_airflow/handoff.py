"""The small JSON that a stage returns and the next stage receives: typed, and limited in size."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Annotated

from pydantic import Field, ValidationError

from sq_airflow.json_model import Count, Digest, NonEmpty, ProtoJson, first_problem

# XCom keeps handoffs; records belong in the artefact.
MAX_BYTES = 4096


class HandoffError(ValueError):
    """A handoff that breaks its contract."""


class KindCount(ProtoJson, extra="forbid"):
    """The number of records of one kind."""

    kind: str
    records: Count = 0


class Handoff(ProtoJson, extra="forbid"):
    """sq.v1.Handoff.

    Attributes:
        uri: folder of the artefact.
        digest: digest of the artefact.
        pages: names of the files for people beside the artefact.
        note: what a person should know of the result, in one sentence.
    """

    stage: NonEmpty
    run_id: NonEmpty
    market: str = ""
    shard: Annotated[str, Field(pattern=r"^([0-9]+/[0-9]+)?$")] = ""
    uri: Annotated[str, Field(pattern=r"^(file|s3|gs)://.+$")]
    digest: Digest
    message_type: NonEmpty
    records: Count = 0
    counts: tuple[KindCount, ...] = ()
    first_segment: str = ""
    last_segment: str = ""
    pages: tuple[Annotated[str, Field(pattern=r"^[^/]+$")], ...] = ()
    note: Annotated[str, Field(max_length=500)] = ""

    @classmethod
    def parse(cls, value: object) -> Handoff:
        """Reads a handoff from its JSON text, or from what json.loads made of it.

        Raises:
            HandoffError: with the field, its value and what it must be.
        """
        if value is None:
            raise HandoffError("the handoff is missing: the stage wrote nothing to SQ_HANDOFF")
        text = value if isinstance(value, str) else json.dumps(value, separators=(",", ":"), ensure_ascii=False)
        size = len(text.encode())
        if size > MAX_BYTES:
            raise HandoffError(f"the handoff has {size} bytes, more than the limit of {MAX_BYTES}")
        try:
            return cls.model_validate_json(text)
        except ValidationError as error:
            raise HandoffError(f"handoff: {first_problem(error)}") from None

    def to_json(self) -> dict:
        """The handoff as XCom keeps it: the JSON mapping of the message."""
        return self.model_dump(mode="json", by_alias=True, exclude_defaults=True)


@dataclass(frozen=True)
class Expected:
    """What the handoff of a task must say."""

    stage: str
    run_id: str
    market: str
    shard: str
    uri: str
    message_type: str

    def check(self, handoff: Handoff) -> None:
        """Raises HandoffError for the first field that belongs to another task."""
        for name, wanted in vars(self).items():
            given = getattr(handoff, name)
            if given != wanted:
                raise HandoffError(f"handoff: {name} is {given!r}, but this task expects {wanted!r}")
