"""Debiased click rates with bootstrap intervals."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from sq_report.clicks.position_bias import Floats, examination, identified
from sq_report.clicks.table import ClickTable, Integers
from sq_report.settings import Settings

_DRAWN_AT_ONCE = 64
_DIGITS = 9


@dataclass(frozen=True)
class Rates:
    """Clicks / examined of groups of pairs: (groups,) each. `value` is 0 where nothing was examined."""

    clicks: Floats
    examined: Floats
    value: Floats
    low: Floats
    high: Floats


@dataclass(frozen=True)
class Examination:
    """P(examined) by position from the first on, with its interval: (positions,). 0 where not identified."""

    value: Floats
    low: Floats
    high: Floats
    identified: NDArray[np.bool_]


class ClickRates:
    """The position-based model over a table of clicks, and over its resamples.

    A rate is clicks / sum of the examination of every impression: clicks over expected clicks (Zhang, Jones: Comparing
    click logs and editorial labels for training query rewriting, WWW 2007), with the model's examination for what is to
    be expected. Impressions at positions that are not identified have no part in it.

    Intervals are percentile bootstrap intervals over sessions, as one session's clicks depend on each other (Efron,
    Tibshirani: An Introduction to the Bootstrap, 1993); each resample estimates examination anew.
    """

    def __init__(self, table: ClickTable, settings: Settings) -> None:
        self._table = table
        self._settings = settings
        self._positions = int(table.position.max(initial=0))
        keys, cell = np.unique(table.pair * self._positions + table.position - 1, return_inverse=True)
        self._cell_pair, self._cell_position = keys // max(self._positions, 1), keys % max(self._positions, 1)
        session = table.search_session[table.search]
        self._shown_by_session, self._clicked_by_session = (
            sparse.csr_matrix((values, (cell, session)), (len(keys), table.sessions))
            for values in (np.ones(len(cell)), table.clicked.astype(float))
        )
        shown, clicked = self._counts(np.ones((table.sessions, 1)))
        self._shown, self._clicked = shown[:, 0], clicked[:, 0]
        # Only pairs that somebody clicked tell of examination: the only ones worth a row of a dense grid.
        pairs = np.unique(self._cell_pair[self._clicked > 0])
        self._telling = np.isin(self._cell_pair, pairs)
        self._row = np.searchsorted(pairs, self._cell_pair[self._telling])
        self._rows = len(pairs)
        self._known = identified(self._grid(self._shown), self._grid(self._clicked))
        self._examination = self._fit(self._shown, self._clicked, None)

    def estimate(self, groupings: list[tuple[Integers, int]]) -> tuple[Examination, list[Rates]]:
        """Examination, and the rates of groups of pairs.

        Args:
            groupings: for each, (pairs,) number of the group from 0 or -1 for none, and how many groups there are.
        """
        point = [self._rates(group, count, self._shown, self._clicked, self._examination) for group, count in groupings]
        drawn_examination, drawn = [], [[] for _ in groupings]
        for shown, clicked in self._resamples():
            fitted = self._fit(shown, clicked, self._examination)
            drawn_examination.append(fitted)
            for (group, count), kept in zip(groupings, drawn, strict=True):
                kept.append(_ratio(*self._rates(group, count, shown, clicked, fitted)).astype(np.float32))
        low, high = self._bounds(drawn_examination, len(self._known))
        rates = []
        for (clicks, examined), kept in zip(point, drawn, strict=True):
            lows, highs = self._bounds(kept, len(clicks))
            rates.append(Rates(clicks, _round(examined), _round(_ratio(clicks, examined)), lows, highs))
        return Examination(_round(self._examination), low, high, self._known), rates

    def _fit(self, shown: Floats, clicked: Floats, start: Floats | None) -> Floats:
        fitted = np.zeros(self._positions)
        if self._known.any():
            begin = None if start is None else start[self._known]
            grids = (self._grid(cells)[:, self._known] for cells in (shown, clicked))
            fitted[self._known] = examination(*grids, begin)
        return fitted

    def _rates(
        self, group: Integers, count: int, shown: Floats, clicked: Floats, fitted: Floats
    ) -> tuple[Floats, Floats]:
        """Clicks and examined impressions of each group, at identified positions."""
        of_cell = group[self._cell_pair]
        member = (of_cell >= 0) & self._known[self._cell_position]
        examined = shown * fitted[self._cell_position]
        # One after the other, so that sums are the same on every machine.
        return (
            np.bincount(of_cell[member], weights=clicked[member], minlength=count),
            np.bincount(of_cell[member], weights=examined[member], minlength=count),
        )

    def _counts(self, weights: Floats) -> tuple[Floats, Floats]:
        """Impressions and clicks of every cell, where sessions count as often as weights (sessions, n) say."""
        return self._shown_by_session @ weights, self._clicked_by_session @ weights

    def _grid(self, cells: Floats) -> Floats:
        """(telling pairs, positions)."""
        grid = np.zeros((self._rows, self._positions))
        grid[self._row, self._cell_position[self._telling]] = cells[self._telling]
        return grid

    def _resamples(self) -> Iterator[tuple[Floats, Floats]]:
        sessions, left = self._table.sessions, self._settings.resamples
        words = np.frombuffer(hashlib.sha256(b"clicks").digest()[:16], dtype="<u4")
        generator = np.random.Generator(np.random.PCG64([self._settings.seed, *words.tolist()]))
        while left and sessions:
            count = min(left, _DRAWN_AT_ONCE)
            drawn = [np.bincount(generator.integers(0, sessions, sessions), minlength=sessions) for _ in range(count)]
            shown, clicked = self._counts(np.stack(drawn, axis=1).astype(float))
            for number in range(count):
                yield shown[:, number], clicked[:, number]
            left -= count

    def _bounds(self, drawn: list[Floats], count: int) -> tuple[Floats, Floats]:
        if not drawn:
            return np.zeros(count), np.zeros(count)
        tail = (1 - self._settings.confidence_level) / 2
        low, high = np.quantile(np.stack(drawn), [tail, 1 - tail], axis=0)
        return _round(low), _round(high)


def _ratio(clicks: Floats, examined: Floats) -> Floats:
    return np.divide(clicks, examined, out=np.zeros(np.shape(clicks)), where=examined > 0)


def _round(values: Floats) -> Floats:
    return np.round(values.astype(np.float64), _DIGITS)
