"""One-sided sign flip test of whether a mechanism's changes help."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sq_effects.rules import Rules, best, learned
from sq_effects.sample import Sample
from sq_effects.settings import EffectSettings
from sq_effects.signs import all_signs, random_signs
from sq_effects.trial import Trial

# Signs drawn in the last look at most: about a second.
_FINER_CELLS = 1 << 26


def flip_p(trial: Trial, sample: Sample, settings: EffectSettings, name: str) -> float:
    """P(flips of the queries' signs give at least the sum observed), 0..1.

    Under the hypothesis that the changes help no more than they harm, a query's row of changes is as likely with the
    other sign (Fisher: The design of experiments, 1935; for retrieval Smucker, Allan, Carterette, CIKM 2007). Each
    query has one vote, whatever its traffic, and its whole row flips together. The choice of rules is repeated in
    every flip. A query that no change moves is the same with either sign: it counts in means and not here.

    There are up to three looks, each with new flips: a quick one ends tests with a large p, the usual one those with
    a p above `finer_below`. P(p <= a) stays at most a, since for every a one look alone decides whether p is within it.

    Args:
        name: of the test, for the seed.
    """
    rules = Rules.of(trial, sample, settings)
    moved = np.flatnonzero((rules.delta != 0).any(axis=1))
    if not len(moved):
        return 1.0
    statistic = _Statistic(rules, moved)
    if 1 << min(len(moved), 62) <= 2 * settings.flips:
        return _enumerated(statistic, len(moved))
    quick = _sampled(statistic, len(moved), settings.quick_flips, settings.seed, f"{name}/quick")
    if quick > settings.quick_above:
        return quick
    p = _sampled(statistic, len(moved), settings.flips, settings.seed, name)
    if p > settings.finer_below:
        return p
    if 1 << min(len(moved), 62) <= settings.finer_flips:
        return _enumerated(statistic, len(moved))
    flips = max(settings.flips, min(settings.finer_flips, _FINER_CELLS // len(moved)))
    return _sampled(statistic, len(moved), flips, settings.seed, f"{name}/finer")


class _Statistic:
    """The sum of held-out changes under flips, in whole units."""

    def __init__(self, rules: Rules, moved: NDArray[np.intp]) -> None:
        spread = rules.by_fold()[moved]
        place = np.full(len(rules.fold), -1)
        place[moved] = np.arange(len(moved))
        own = [place[rows][place[rows] >= 0] for rows in rules.own.values()]
        self._own = [rows for rows in own if len(rows)]
        self._shared = place[rules.shared][place[rules.shared] >= 0]
        self._shape = spread.shape[1:]
        self._columns = spread.reshape(len(moved), -1)

    def __call__(self, signs: NDArray[np.float64]) -> NDArray[np.float64]:
        """(flips, moved) signs into (flips,) sums."""
        total = np.zeros(len(signs))
        whole_sums = np.zeros((len(signs), *self._shape))
        for rows in self._own:
            sums = self._sums(signs, rows)
            whole_sums += sums
            others = learned(sums)
            total += (_taken(sums, best(others)) * (others.max(axis=-1) > 0)).sum(axis=-1)
        if len(self._shared):
            sums = self._sums(signs, self._shared)
            total += _taken(sums, best(learned(whole_sums + sums))).sum(axis=-1)
        return total

    def _sums(self, signs: NDArray[np.float64], rows: NDArray[np.intp]) -> NDArray[np.float64]:
        """(flips, folds, changes) over some of the moved queries."""
        part = signs if len(rows) == signs.shape[1] else signs[:, rows]
        return (part @ self._columns[rows]).reshape(len(signs), *self._shape)


def _taken(sums: NDArray[np.float64], change: NDArray[np.intp]) -> NDArray[np.float64]:
    return np.take_along_axis(sums, change[..., np.newaxis], axis=-1)[..., 0]


def _enumerated(statistic: _Statistic, count: int) -> float:
    sums = statistic(all_signs(count))
    return float(np.count_nonzero(sums >= sums[0]) / len(sums))


def _sampled(statistic: _Statistic, count: int, flips: int, seed: int, name: str) -> float:
    observed = statistic(np.ones((1, count)))[0]
    reached = sum(
        int(np.count_nonzero(statistic(signs) >= observed)) for signs in random_signs(flips, count, seed, name)
    )
    return (reached + 1) / (flips + 1)
