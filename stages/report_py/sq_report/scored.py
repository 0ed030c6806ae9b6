"""The queries of a market with their measures, as a sample of its traffic."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sq_effects import Sample
from sq_measures import sample
from sq_report.market import QueryData
from sq_report.measures import Measures


@dataclass(frozen=True)
class Scored:
    """A query and its measures.

    Attributes:
        variants: results down to k that are near-duplicates of one above, of how many results.
    """

    data: QueryData
    measures: Measures
    variants: tuple[int, int] = (0, 0)


def sample_of(scored: Sequence[Scored]) -> Sample:
    """The sample that these queries are. Where none has traffic, each counts the same."""
    return sample.sample_of(
        [one.data.query for one in scored],
        [one.data.traffic_share for one in scored],
        [one.measures.ndcg for one in scored],
    )
