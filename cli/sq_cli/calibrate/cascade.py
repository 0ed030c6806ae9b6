"""The settings of a cascade whose first judge agrees with labels as often as asked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby

from sq_agreement import GRADES, Threshold, find_threshold
from sq_cli.calibrate.labels import Grades


@dataclass(frozen=True)
class CascadeSettings:
    """Attributes:
    agreement: asked for.
    threshold: None where no threshold can be shown to give it.
    grade_confidence: by grade, of a judge that gives no confidence; empty for its own.
    queries: that the thresholds were tested on.
    """

    agreement: float
    threshold: Threshold | None
    grade_confidence: list[float]
    queries: int


def find_cascade(
    labels: Grades, judged: Grades, confidence: Mapping[tuple[str, str], float], agreement: float
) -> CascadeSettings:
    """Finds from which confidence on the judge's grade is the label's in the share `agreement` of cases.

    A judge without a confidence gets one for each grade: the share that was right, on every second query. Thresholds
    are tested on the other queries, because a share is too high on the labels that it was taken from.

    Args:
        judged: grades by query key and product id; pairs that the judge could not judge are missing.
    """
    pairs = sorted(pair for pair in labels if pair in judged)
    table: list[float] = []
    if not any(confidence.values()):
        by_query = [list(of) for _, of in groupby(pairs, key=lambda pair: pair[0])]
        table = _shares([pair for of in by_query[::2] for pair in of], labels, judged)
        pairs = [pair for of in by_query[1::2] for pair in of]
    found = find_threshold(
        [table[judged[pair]] if table else confidence[pair] for pair in pairs],
        [labels[pair] == judged[pair] for pair in pairs],
        [query for query, _ in pairs],
        agreement,
    )
    return CascadeSettings(agreement, found, table, len({query for query, _ in pairs}))


def _shares(pairs: Iterable[tuple[str, str]], labels: Grades, judged: Grades) -> list[float]:
    """Share of right grades by the judge's grade; one more right and one more wrong, so none is certain."""
    right, count = [1] * GRADES, [2] * GRADES
    for pair in pairs:
        count[judged[pair]] += 1
        right[judged[pair]] += labels[pair] == judged[pair]
    return [round(one / of, 2) for one, of in zip(right, count, strict=True)]
