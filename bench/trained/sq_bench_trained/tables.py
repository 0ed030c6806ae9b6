"""The measurements, each a list of rows for a table."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from sq_train.agreement import agreement, calibration_error, quadratic_kappa, with_interval
from sq_train.boosting import fit
from sq_train.examples import Examples
from sq_train.validation import cross_decided, decide, held_out_scores
from sq_trained.features import GROUPS, NAMES

Row = tuple[str, ...]
_SPLITS = 10
_KEPT_APART = 17


def groups(examples: Examples, seed: int = 0) -> Iterator[Row]:
    """Agreement on held-out queries: the rules, all groups, each left out, and each alone on top of the rules."""
    yield ("rules alone", *_rules(examples))
    yield ("all groups", *_held_out(examples, seed, None))
    for group in GROUPS:
        own = np.array([name in GROUPS[group] for name in NAMES])
        yield (f"without {group}", *_held_out(examples, seed, ~own))
    for group in GROUPS:
        own = np.array([name in GROUPS[group] for name in NAMES])
        yield (f"rules and {group} alone", *_held_out(examples, seed, own))


def learning_curve(examples: Examples) -> Iterator[Row]:
    """Agreement on 17 queries kept apart, by the number of other queries labelled; mean and spread of ten splits."""
    count = len(np.unique(examples.queries))
    for size in (10, 20, 30, 40, count - _KEPT_APART):
        found = [_split(examples, size, seed) for seed in range(_SPLITS)]
        kappa, same, rules = (np.array([one[column] for one in found]) for column in range(3))
        better = int((kappa > rules).sum())
        yield (str(size), _spread(kappa), _spread(same), _spread(rules), f"{better} of {_SPLITS}")


def transfer(trained_on: Examples, judged: Examples, seed: int = 0) -> Row:
    """Agreement of a judge that was trained on one shop and judges another."""
    decision = decide(held_out_scores(trained_on, seed), trained_on.grades)
    scores = fit(trained_on, seed).scores(judged)
    return (*_figures(judged, decision.grades(scores), decision.above(scores)), *_rules(judged)[:2])


def _split(examples: Examples, size: int, seed: int) -> tuple[float, float, float]:
    order = np.random.default_rng(seed).permutation(np.unique(examples.queries))
    test = examples.take(np.isin(examples.queries, order[:_KEPT_APART]))
    train = examples.take(np.isin(examples.queries, order[_KEPT_APART : _KEPT_APART + size]))
    decision = decide(held_out_scores(train, seed, repeats=1), train.grades)
    given = decision.grades(fit(train, seed).scores(test))
    return (
        quadratic_kappa(test.grades, given),
        agreement(test.grades, given),
        quadratic_kappa(test.grades, test.rules),
    )


def _held_out(examples: Examples, seed: int, used: np.ndarray | None) -> Row:
    return _figures(examples, *cross_decided(held_out_scores(examples, seed, used), examples, seed))


def _figures(examples: Examples, given: np.ndarray, above: np.ndarray) -> Row:
    labels = examples.grades
    return (
        _interval(examples, lambda at: quadratic_kappa(labels[at], given[at])),
        _interval(examples, lambda at: agreement(labels[at], given[at])),
        f"{calibration_error(labels, given, above):.3f}",
    )


def _rules(examples: Examples) -> Row:
    labels, rules = examples.grades, examples.rules
    return (
        _interval(examples, lambda at: quadratic_kappa(labels[at], rules[at])),
        _interval(examples, lambda at: agreement(labels[at], rules[at])),
        "–",
    )


def _interval(examples: Examples, measure) -> str:
    found = with_interval(measure, examples.queries, 0)
    return f"{found.value:.2f} ({found.low:.2f} to {found.high:.2f})"


def _spread(values: np.ndarray) -> str:
    return f"{values.mean():.2f} ± {values.std():.2f}"
