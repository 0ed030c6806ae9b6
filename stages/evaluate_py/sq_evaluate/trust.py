"""Counts the signs that a run itself gives of how far its judge can be relied on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from sq.v1.judgment_pb2 import Canary, JudgeTrust, Judgment
from sq_evaluate.judge import Outcome
from sq_evaluate.judges.facet_rule import is_supported


class Trust:
    """Follows the judgments of a work."""

    def __init__(self) -> None:
        self._found = JudgeTrust()

    def watch(self, of_queries: Iterable[list[Outcome]]) -> Iterator[list[Outcome]]:
        """Counts outcomes, and passes them on."""
        for outcomes in of_queries:
            for outcome in outcomes:
                if isinstance(outcome, Judgment) and outcome.facets:
                    self._add(outcome)
            yield outcomes

    def record(self, canaries: Sequence[Canary]) -> JudgeTrust | None:
        """What was counted, with the canaries; None if the judge gives no such signs."""
        self._found.canaries.extend(canaries)
        return self._found if self._found.ListFields() else None

    def _add(self, judgment: Judgment) -> None:
        quotes = [quote for facet in judgment.facets for quote in facet.quotes]
        self._found.faceted += 1
        self._found.supported += is_supported(judgment.facets)
        self._found.quotes += len(quotes)
        self._found.invented_quotes += sum(not quote.found for quote in quotes)
