"""How often the report claims a gap in the data where most queries show none, and whether it finds one that is there.

Grades and reasons of a judge play no part in these classes. Chance could mislead them: which queries were drawn, and
that queries for one colour share products.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np

from sq.v1.query_pb2 import Query
from sq.v1.tag_difference_pb2 import TagDifference, TagEvidence
from sq.v1.tag_pb2 import Tag
from sq_claims.rate import Rate
from sq_claims.workers import each
from sq_report.data_gap import data_gaps
from sq_report.market import QueryData
from sq_report.measures import Measures, State
from sq_report.scored import Scored
from sq_report.settings import Settings

# Share of the products that do not state their colour: healthy shops, shops near the bound, where a query for a colour
# shows the gap about as often as not, and shops with a gap.
MISSING = (0.02, 0.05, 0.10, 0.13, 0.15, 0.30, 0.60)
_COLOURS = ("black", "white", "red", "blue", "green", "grey")
_CATEGORIES = 40
# Products of one category and colour; the results of a query are the first ten by popularity and by chance.
_SHELF = 25
_DEPTH = 10
# Distinct queries of the log for one colour, and how many of them are drawn.
_LOG = 300
_DRAWN = (10, 60)
_SHOWN = 2
_UNMEASURED = Measures(State.UNJUDGED, 0.0, 0.0, 0.0, None, None, (), False)


@dataclass(frozen=True)
class DataGaps:
    """Markets whose products lack their colours alike.

    Attributes:
        missing: share of the products without a colour.
        showing: mean share of the log's queries for a colour that show the gap.
        false: share of the markets with a claim about a colour of which at most half of the log's queries show it.
        found: share of the colours claimed of which over half of the log's queries show the gap.
    """

    missing: float
    showing: float
    false: Rate
    found: Rate


def find_gaps(markets: int) -> list[DataGaps]:
    return [_of(missing, markets) for missing in MISSING]


def _of(missing: float, markets: int) -> DataGaps:
    found = each(partial(_market, missing), markets)
    colours = [colour for market in found for colour in market]
    gaps = [claimed for share, claimed in colours if share > 0.5]
    return DataGaps(
        missing,
        float(np.mean([share for share, _ in colours])),
        Rate(sum(any(claimed for share, claimed in market if share <= 0.5) for market in found), markets),
        Rate(sum(gaps), len(gaps)),
    )


def _market(missing: float, number: int) -> list[tuple[float, bool]]:
    """For each colour: the share of the log's queries that show the gap, and whether it is claimed."""
    rng = np.random.default_rng([number, int(missing * 1000)])
    scored: list[Scored] = []
    shares = []
    for colour in _COLOURS:
        lacking = _results_lacking(rng, missing)
        shares.append(float(np.mean(lacking >= _SHOWN)))
        for place in rng.choice(_LOG, int(rng.integers(*_DRAWN)), replace=False):
            scored.append(_scored(f"{colour} {place}", colour, int(lacking[place])))
    claimed = {found.value for found in data_gaps(scored, {}, "m", Settings())}
    return [(share, colour in claimed) for colour, share in zip(_COLOURS, shares, strict=True)]


def _results_lacking(rng: np.random.Generator, missing: float) -> np.ndarray:
    """Of the results of each of the log's queries, how many state no colour. Categories have traffic by Zipf's law."""
    lacks = rng.random((_CATEGORIES, _SHELF)) < missing
    category = rng.choice(_CATEGORIES, _LOG, p=_zipf(_CATEGORIES))
    order = np.arange(_SHELF) + rng.normal(0, 4, (_LOG, _SHELF))
    first = np.argsort(order, axis=1)[:, :_DEPTH]
    return np.take_along_axis(lacks[category], first, axis=1).sum(axis=1)


def _zipf(count: int) -> np.ndarray:
    weights = 1 / np.arange(1, count + 1)
    return weights / weights.sum()


def _scored(text: str, colour: str, lacking: int) -> Scored:
    tag = Tag(type="COLOUR", value=colour, surface=colour)
    evidence = TagEvidence(tag=tag, results_missing=lacking, results_matching=_DEPTH - lacking, results_checked=_DEPTH)
    difference = TagDifference(query_id=text, evidence=[evidence])
    data = QueryData(query=Query(query_id=text, text=text), traffic_share=0.001, difference=difference)
    return Scored(data, _UNMEASURED)
