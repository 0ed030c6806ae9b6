"""Which run a page is of, and what it cost."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
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
    """

    run_id: str = ""
    date: str = ""
    model_usage: tuple[ModelUsage, ...] = ()
    searched: tuple[SearchTime, ...] = ()

    @classmethod
    def of(cls, run_id: str, inputs: Iterable[ArtefactReader]) -> RunFacts:
        """The date is that of the artefacts and not of today, so that the same artefacts give the same page."""
        inputs = list(inputs)
        starts = [reader.manifest.provenance.start_time for reader in inputs]
        known = [start.ToDatetime(UTC) for start in starts if start.seconds]
        usage = {item.uri: item for reader in inputs for item in reader.manifest.provenance.model_usage}
        date = f"{min(known):%Y-%m-%d}" if known else ""
        return cls(run_id, date, tuple(usage.values()), tuple(search_times(inputs)))

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


def _node(uri: str) -> str:
    """The node of a run that wrote an artefact, by the last folder of its URI that is not a shard's."""
    folders = [part for part in uri.split("/") if part and not part.startswith("shard-")]
    return folders[-1]
