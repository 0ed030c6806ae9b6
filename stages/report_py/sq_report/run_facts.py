"""Which run a page is of."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC

from sq_handoff import ArtefactReader


@dataclass(frozen=True)
class RunFacts:
    """Attributes:
    run_id: empty where it is not known.
    date: of the first input, such as "2026-11-26"; empty where no input says it.
    """

    run_id: str = ""
    date: str = ""

    @classmethod
    def of(cls, run_id: str, inputs: Iterable[ArtefactReader]) -> RunFacts:
        """The date is that of the artefacts and not of today, so that the same artefacts give the same page."""
        starts = [reader.manifest.provenance.start_time for reader in inputs]
        known = [start.ToDatetime(UTC) for start in starts if start.seconds]
        return cls(run_id, f"{min(known):%Y-%m-%d}" if known else "")
