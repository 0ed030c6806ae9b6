"""Which run a page is of, and what it cost."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC
from math import fsum

from sq.v1.manifest_pb2 import ModelUsage, SearchTime
from sq_handoff import ArtefactReader
from sq_stagekit.search_times import search_days, search_times
from sq_stagekit.spending import budget_ended


@dataclass(frozen=True)
class RunFacts:
    """Facts about a run that are no part of its results.

    Attributes:
        run_id: empty where it is not known.
        date: of the first input, such as "2026-11-26"; empty where no input says it.
        model_usage: paid calls, one item for each artefact that needed some.
        searched: when the search endpoint was asked, one item for each artefact of its answers.
        unfinished: what earlier stages still have to do, by URI of their artefact and reason; budgets apart.
    """

    run_id: str = ""
    date: str = ""
    model_usage: tuple[ModelUsage, ...] = ()
    searched: tuple[SearchTime, ...] = ()
    unfinished: Mapping[tuple[str, str], int] = field(default_factory=dict)

    @classmethod
    def of(cls, run_id: str, inputs: Iterable[ArtefactReader]) -> RunFacts:
        """The date is that of the artefacts and not of today, so that the same artefacts give the same page."""
        inputs = list(inputs)
        starts = [reader.manifest.provenance.start_time for reader in inputs]
        known = [start.ToDatetime(UTC) for start in starts if start.seconds]
        usage = {item.uri: item for reader in inputs for item in reader.manifest.provenance.model_usage}
        date = f"{min(known):%Y-%m-%d}" if known else ""
        return cls(run_id, date, tuple(usage.values()), tuple(search_times(inputs)), _unfinished(inputs))

    def searched_on(self, market: str) -> str:
        """The days (UTC) on which a market's search endpoint was asked; empty if unknown."""
        return search_days(self.searched, market)

    @property
    def calls(self) -> int:
        return sum(item.calls for item in self.model_usage)

    @property
    def tokens(self) -> int:
        return sum(item.input_tokens + item.output_tokens for item in self.model_usage)

    @property
    def usd(self) -> float:
        """US dollars; 0 if no endpoint has a price."""
        return fsum(item.usd for item in self.model_usage)

    @property
    def ended_budgets(self) -> list[str]:
        """One sentence for each budget that ended before its work."""
        return [
            f"{item.market}, {_node(item.uri)}: {told}." for item in self.model_usage if (told := budget_ended(item))
        ]

    @property
    def open_work(self) -> list[str]:
        """One sentence for each reason for which records of a stage are missing and may come."""
        return [
            f"{_market(uri)}, {_node(uri)}: {records} {_MISSING.get(reason, f'records failed ({reason})')}. The same "
            "command does only these again."
            for (uri, reason), records in sorted(self.unfinished.items())
        ]


# Of reasons that end in BUDGET, the budget's own sentence tells.
_BUDGET = "BUDGET"
_MISSING = {
    "NAMES_UNAVAILABLE": "queries have no names from the model, which did not answer; vocabulary was not tried by them",
}


def _unfinished(inputs: Iterable[ArtefactReader]) -> dict[tuple[str, str], int]:
    return {
        (item.input_uri or reader.uri, item.reason): item.records
        for reader in inputs
        for item in reader.manifest.provenance.unfinished
        if not item.reason.endswith(_BUDGET)
    }


def _market(uri: str) -> str:
    """The market of a run's artefact: the folder above its node's."""
    folders = [part for part in uri.split("/") if part and not part.startswith("shard-")]
    return folders[-2] if len(folders) > 1 else ""


def _node(uri: str) -> str:
    """The node of a run that wrote an artefact, by the last folder of its URI that is not a shard's."""
    folders = [part for part in uri.split("/") if part and not part.startswith("shard-")]
    return folders[-1]
