"""How often a shown interval contains the figure of the whole log."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from sq_claims.log import Log, log_of
from sq_claims.log_changes import changes_of, eligible_of
from sq_claims.rate import Rate
from sq_claims.workers import each
from sq_effects import EffectSettings, Estimate, Sample, Trial, effect_of, mean_rate
from sq_effects.rules import Rules
from sq_effects.sign_flip import flip_p
from sq_sampling import Design

BUDGETS = (300, 3000)
CLASSES = 4
# The threshold for a single claim among twelve mechanisms.
_CLAIMED = 0.05 / 12


@dataclass(frozen=True)
class Coverage:
    """How the intervals of one figure compare with the truth.

    Attributes:
        figure: the figure that the intervals estimate.
        within: share of the shown intervals that contain the truth.
        below, above: share with the truth below the interval, and above it.
        at_least: share with a lower bound not above the truth.
        shown: share of the figures with an interval.
    """

    figure: str
    within: Rate
    below: float
    above: float
    at_least: Rate
    shown: Rate


@dataclass(frozen=True)
class _Figure:
    name: str
    estimate: Estimate
    truth: float


def coverage(logs: int) -> list[Coverage]:
    by_name: dict[str, list[tuple[float, Estimate]]] = {}
    for figures in each(_figures, logs):
        for figure in figures:
            by_name.setdefault(figure.name, []).append((figure.truth, figure.estimate))
    return [_coverage(name, found) for name, found in by_name.items()]


def _coverage(name: str, found: list[tuple[float, Estimate]]) -> Coverage:
    shown = [(truth, estimate.interval) for truth, estimate in found if estimate.interval is not None]
    below = sum(truth < interval.low - 1e-9 for truth, interval in shown)
    above = sum(truth > interval.high + 1e-9 for truth, interval in shown)
    bounded = sum(truth >= interval.at_least - 1e-9 for truth, interval in shown)
    count = len(shown)
    return Coverage(
        name,
        Rate(count - below - above, count),
        below / max(1, count),
        above / max(1, count),
        Rate(bounded, count),
        Rate(count, len(found)),
    )


def _figures(number: int) -> list[_Figure]:
    rng = np.random.default_rng([number, 2])
    log = log_of(rng)
    low, high = np.log(BUDGETS)
    taken, sample = log.sample(int(np.exp(rng.uniform(low, high))), number)
    settings = EffectSettings(seed=number)
    figures = list(_means(log, taken, sample, settings))
    for place in range(CLASSES):
        # Half of the classes have three candidate changes.
        figures += _class(rng, log, taken, sample, settings, 1 + 2 * (place % 2))
    return figures


def _means(log: Log, taken: Design, sample: Sample, settings: EffectSettings) -> Iterator[_Figure]:
    everything = np.ones(len(sample), dtype=bool)
    yield _Figure(
        "market's nDCG",
        mean_rate(sample, sample.ndcg, everything, settings),
        log.mean(log.ndcg, np.ones(len(log), dtype=bool)),
    )
    for segment in range(int(log.segment.max()) + 1):
        estimate = mean_rate(sample, sample.ndcg, log.segment[taken.query] == segment, settings)
        truth = log.mean(log.ndcg, log.segment == segment)
        yield _Figure("segment's nDCG", estimate, truth)
        if truth >= 0.9:
            yield _Figure("… of segments from 0.90 on", estimate, truth)


def _class(
    rng: np.random.Generator, log: Log, taken: Design, sample: Sample, settings: EffectSettings, changes: int
) -> Iterator[_Figure]:
    eligible = eligible_of(rng, log)
    delta = changes_of(rng, log, changes)
    rows = np.flatnonzero(eligible[taken.query])
    if not len(rows):
        return
    names = [f"change {number}" for number in range(changes)]
    trial = Trial("class", names, rows, ["item"] * len(rows), delta[taken.query[rows]])
    effect = effect_of(trial, sample, settings)
    chosen = int(Rules.of(trial, sample, settings).suggested()[0])
    mean = log.mean(delta[:, chosen], eligible)
    gain = log.mean(np.where(eligible, delta[:, chosen], 0), np.ones(len(log), dtype=bool))
    suffix = ", one change" if changes == 1 else ", chosen of three changes"
    yield _Figure("class's gain for the market" + suffix, effect.gain, gain)
    yield _Figure("class's mean change" + suffix, effect.mean, mean)
    if effect.mean.value > settings.minimum_effect and flip_p(trial, sample, settings, "class") <= _CLAIMED:
        yield _Figure("… of the classes that are claimed" + suffix, effect.mean, mean)
