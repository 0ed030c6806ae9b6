"""Counts the signs that a run itself gives of how far its judge can be relied on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from sq.v1.judgment_pb2 import Canary, JudgeTrust, Judgment, PictureProblem, WithoutPicture
from sq_evaluate.judge import Outcome
from sq_evaluate.judges.facet_rule import is_supported


class Trust:
    """Follows the judgments of a work."""

    def __init__(self) -> None:
        self._found = JudgeTrust()
        self._without_picture: Counter[PictureProblem] = Counter()

    def watch(self, of_queries: Iterable[list[Outcome]]) -> Iterator[list[Outcome]]:
        """Counts outcomes, and passes them on."""
        for outcomes in of_queries:
            for outcome in outcomes:
                if isinstance(outcome, Judgment):
                    self._add(outcome)
            yield outcomes

    def record(self, canaries: Sequence[Canary]) -> JudgeTrust | None:
        """What was counted, with the canaries; None if the judge gives no such signs."""
        self._found.canaries.extend(canaries)
        self._found.without_picture.extend(
            WithoutPicture(problem=problem, judgments=count) for problem, count in sorted(self._without_picture.items())
        )
        return self._found if self._found.ListFields() else None

    def _add(self, judgment: Judgment) -> None:
        self._found.with_picture += bool(judgment.picture)
        if judgment.without_picture:
            self._without_picture[judgment.without_picture] += 1
        if judgment.facets:
            self._add_facets(judgment)

    def _add_facets(self, judgment: Judgment) -> None:
        quotes = [quote for facet in judgment.facets for quote in facet.quotes]
        self._found.faceted += 1
        self._found.supported += is_supported(judgment.facets)
        self._found.quotes += len(quotes)
        self._found.invented_quotes += sum(not quote.found for quote in quotes)
