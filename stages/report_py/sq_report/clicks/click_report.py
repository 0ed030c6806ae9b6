"""Clicks beside judgments: the figures of a market and of its queries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import fsum

import numpy as np
from scipy import stats

from sq.v1.clicks_pb2 import (
    ClickDisagreement,
    ClickDisagreementKind,
    ClickRate,
    ClickReport,
    GradeClicks,
    PositionClicks,
    ProductClicks,
    QueryClicks,
)
from sq_report.clicks.disagreements import PERFECT, POOR, Clicked, Comparison, adjust, compare
from sq_report.clicks.rates import ClickRates, Examination, Rates
from sq_report.clicks.table import ClickTable, Integers
from sq_report.market import Market, QueryData
from sq_report.settings import Settings

# Products of a query for a rank correlation of grades and rates.
_CORRELATED = 4
_DIGITS = 9
_GRADES = range(4, -1, -1)
_CLICKED = ClickDisagreementKind.CLICK_DISAGREEMENT_KIND_CLICKED


@dataclass(frozen=True)
class MarketClicks:
    """The market's figures, and those of each query that has clicks, by query id."""

    report: ClickReport
    queries: Mapping[str, QueryClicks]


def report_clicks(market: Market, table: ClickTable, settings: Settings, minimum_impressions: int) -> MarketClicks:
    """All that clicks say about a market. Pure: equal tables and settings give equal figures."""
    return _Clicks(market, table, settings, minimum_impressions).report()


class _Clicks:
    def __init__(self, market: Market, table: ClickTable, settings: Settings, minimum: int) -> None:
        self._market = market
        self._table = table
        self._settings = settings
        self._minimum = minimum
        count = len(table.pairs)
        self._impressions = np.bincount(table.pair, minlength=count)
        self._clicks = np.bincount(table.pair[table.clicked], minlength=count)
        self._queries: dict[str, QueryData] = {data.query_id: data for data in market.queries}
        self._grade = np.array([self._graded(query, product) for query, product in table.pairs], dtype=np.int64)
        shown = sorted({table.pairs[pair][0] for pair in np.flatnonzero(self._impressions)})
        self._number = {query: number for number, query in enumerate(shown)}
        of_query = np.array([self._number.get(query, -1) for query, _ in table.pairs], dtype=np.int64)
        told = (self._grade >= 0) & (self._impressions >= minimum)
        of_product = np.where(told, np.cumsum(told) - 1, -1)
        self._examination, (self._by_product, self._by_query, self._by_side, self._by_grade) = ClickRates(
            table, settings
        ).estimate(
            [
                (of_product, int(told.sum())),
                (of_query, len(shown)),
                (np.where(told, _sides(self._grade, of_query), -1), 2 * len(shown)),
                (self._grade, max(_GRADES) + 1),
            ]
        )
        self._product = of_product
        self._told: dict[str, list[int]] = {}
        for pair in np.flatnonzero(told).tolist():
            self._told.setdefault(table.pairs[pair][0], []).append(pair)
        of_row = of_query[table.pair]
        order = np.argsort(of_row, kind="stable")
        self._rows = np.split(order, np.searchsorted(of_row[order], np.arange(1, len(shown))))

    def report(self) -> MarketClicks:
        found = adjust([one for pairs in self._told.values() for one in compare(self._clicked(pairs))])
        queries = {query: self._query_clicks(query) for query in self._number}
        table, counts = self._table, self._table.counts
        correlated = [clicks for clicks in queries.values() if clicks.correlated]
        report = ClickReport(
            searches=len(np.unique(table.search)),
            impressions=len(table.search),
            clicks=int(table.clicked.sum()),
            click_through_rate=_share(len(np.unique(table.search[table.clicked])), len(np.unique(table.search))),
            queries=len(queries),
            searches_without_impressions=counts.silent_searches,
            unmatched_clicks=counts.unmatched_clicks,
            broken_rows=counts.broken,
            broken_examples=counts.examples,
            positions=self._positions(self._examination),
            grades=[self._grade_clicks(grade) for grade in _GRADES],
            rank_correlation=_weighted_mean(correlated),
            correlated_queries=len(correlated),
            tested=len(found),
            disagreements=self._disagreements(found),
            minimum_impressions=self._minimum,
            undebiased_impressions=int((~self._examination.identified[table.position - 1]).sum()),
        )
        return MarketClicks(report, queries)

    def _graded(self, query: str, product: str) -> int:
        judgment = self._queries[query].judgments.get(product)
        return judgment.grade if judgment else -1

    def _clicked(self, pairs: Sequence[int]) -> list[Clicked]:
        rates, number = self._by_product, self._product
        return [
            Clicked(pair, int(self._grade[pair]), int(rates.clicks[number[pair]]), float(rates.examined[number[pair]]))
            for pair in pairs
            if rates.examined[number[pair]] > 0
        ]

    def _query_clicks(self, query: str) -> QueryClicks:
        table = self._table
        rows = self._rows[self._number[query]]
        searches = len(np.unique(table.search[rows]))
        products = [self._product_clicks(pair) for pair in self._told.get(query, [])]
        products.sort(key=lambda one: (-one.impressions, one.product_id))
        correlation = _kendall(products)
        return QueryClicks(
            searches=searches,
            impressions=len(rows),
            clicks=int(table.clicked[rows].sum()),
            click_through_rate=_share(len(np.unique(table.search[rows[table.clicked[rows]]])), searches),
            rate=self._rate(self._by_query, self._number[query], len(rows)),
            rank_correlation=correlation or 0.0,
            correlated=correlation is not None,
            products=products,
        )

    def _product_clicks(self, pair: int) -> ProductClicks:
        return ProductClicks(
            product_id=self._table.pairs[pair][1],
            grade=int(self._grade[pair]),
            impressions=int(self._impressions[pair]),
            clicks=int(self._clicks[pair]),
            rate=self._rate(self._by_product, self._product[pair], int(self._impressions[pair])),
        )

    def _grade_clicks(self, grade: int) -> GradeClicks:
        pairs = np.flatnonzero((self._grade == grade) & (self._impressions > 0))
        impressions = int(self._impressions[pairs].sum())
        return GradeClicks(
            grade=grade,
            pairs=len(pairs),
            impressions=impressions,
            clicks=int(self._clicks[pairs].sum()),
            rate=self._rate(self._by_grade, grade, impressions),
        )

    def _rate(self, rates: Rates, number: int, impressions: int) -> ClickRate:
        examined = float(rates.examined[number])
        return ClickRate(
            value=float(rates.value[number]),
            low=float(rates.low[number]),
            high=float(rates.high[number]),
            examined=examined,
            claimed=examined > 0 and impressions >= self._minimum,
        )

    def _positions(self, examined: Examination) -> list[PositionClicks]:
        count = len(examined.value)
        shown = np.bincount(self._table.position - 1, minlength=count)
        clicked = np.bincount(self._table.position[self._table.clicked] - 1, minlength=count)
        return [
            PositionClicks(
                position=number + 1,
                impressions=int(shown[number]),
                clicks=int(clicked[number]),
                examination=float(examined.value[number]),
                low=float(examined.low[number]),
                high=float(examined.high[number]),
                identified=bool(examined.identified[number]),
            )
            for number in range(count)
        ]

    def _disagreements(self, found: Sequence[Comparison]) -> list[ClickDisagreement]:
        claimed = [one for one in found if one.q_value <= self._settings.false_discovery_rate]
        claimed.sort(key=lambda one: (one.q_value, one.p_value, self._table.pairs[one.pair]))
        return [self._disagreement(one) for one in claimed]

    def _disagreement(self, found: Comparison) -> ClickDisagreement:
        query, product = self._table.pairs[found.pair]
        data = self._queries[query]
        return ClickDisagreement(
            kind=found.kind,
            query_id=query,
            text=data.query.text,
            product=self._product_clicks(found.pair),
            title=self._title(data, product),
            others=self._rate(self._by_side, 2 * self._number[query] + (found.kind == _CLICKED), self._minimum),
            p_value=found.p_value,
            q_value=found.q_value,
        )

    def _title(self, data: QueryData, product: str) -> str:
        shown = self._market.products.get(data.judgments[product].product)
        return shown.title if shown else ""


def _sides(grade: Integers, query: Integers) -> Integers:
    """Of each pair, 2 x its query's number where it is judged poor, 1 more where it is judged perfect; else -1."""
    return np.where(np.isin(grade, POOR), 2 * query, np.where(grade == PERFECT, 2 * query + 1, -1))


def _kendall(products: Sequence[ProductClicks]) -> float | None:
    """Tau-b of grades and rates (Kendall: The treatment of ties in ranking problems, Biometrika 1945), if defined."""
    told = [one for one in products if one.rate.claimed]
    if len(told) < _CORRELATED:
        return None
    value = stats.kendalltau([one.grade for one in told], [one.rate.value for one in told]).statistic
    return None if np.isnan(value) else round(float(value), _DIGITS)


def _weighted_mean(queries: Sequence[QueryClicks]) -> float:
    searches = sum(one.searches for one in queries)
    total = fsum(one.rank_correlation * one.searches for one in queries)
    return round(total / searches, _DIGITS) if searches else 0.0


def _share(part: int, whole: int) -> float:
    return round(part / whole, _DIGITS) if whole else 0.0
