"""How likely a position is looked at, estimated from the clicks themselves."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

# Impressions of products that moved between two positions before one tells of the other.
_MOVED = 30
_MOST_STEPS = 50
_MOST_HALVINGS = 30
# Steps converge quadratically: what is left after one this small is nothing.
_TOLERANCE = 1e-6
# Bounds the step where clicks of one draw leave a position nearly open.
_RIDGE = 1e-9


def identified(shown: Floats, clicked: Floats) -> NDArray[np.bool_]:
    """Which positions can be compared with the first: (positions,).

    Only a product that was seen at two positions tells the effect of the position from that of the product (Agarwal et
    al.: Estimating position bias without intrusive interventions, WSDM 2019). So positions are linked where products
    that people click at all have impressions enough at both; those count that are linked with the first, through
    others too, and have clicks.

    Args:
        shown, clicked: (pairs, positions).
    """
    moving = shown[clicked.any(axis=1)]
    has_clicks = clicked.any(axis=0)
    reached = np.zeros(shown.shape[1], dtype=bool)
    waiting = [0] if has_clicks[:1].any() else []
    while waiting:
        here = waiting.pop()
        reached[here] = True
        moved = np.minimum(moving, moving[:, here : here + 1]).sum(axis=0)
        waiting = sorted({*waiting, *np.flatnonzero((moved >= _MOVED) & has_clicks & ~reached).tolist()})
    return reached


def examination(shown: Floats, clicked: Floats, start: Floats | None = None) -> Floats:
    """P(a position is examined), 0..1, with the first position's held at 1: (positions,).

    The position-based model: a product is clicked when its position is examined and the product, once seen, attracts,
    P(click) = examination[position] x attraction[pair] (Richardson, Dominowska, Ragno: Predicting clicks, WWW 2007;
    Craswell, Zoeter, Taylor, Ramsey: An experimental comparison of click position-bias models, WSDM 2008). It knows
    the product of both only, hence the 1.

    Attractions are conditioned away: how the clicks on a product spread over its positions depends on its impressions
    there and on examination alone, sum over pairs of log multinomial(clicked; shown x examination). So the thousands of
    products with few impressions leave no bias, as they do where every attraction is fitted (Hausman, Hall, Griliches:
    Econometric models for count data with an application to the patents-R&D relationship, Econometrica 1984). The
    likelihood is concave, and its maximum solves the model's own equations, examination[k] = clicks at k / expected
    attraction shown at k; Newton's method takes some ten steps where expectation maximisation takes thousands.

    Args:
        shown, clicked: (pairs, positions); all positions have to be identified.
        start: to begin from, where a near solution is known.
    """
    positions = shown.shape[1]
    telling = clicked.any(axis=1) & ((shown > 0).sum(axis=1) > 1)
    shown, clicked = shown[telling], clicked[telling]
    by_position, by_pair = clicked.sum(axis=0), clicked.sum(axis=1)
    free = by_position > 0
    free[:1] = False
    logs = np.zeros(positions) if start is None else np.log(np.maximum(start, 1e-6))
    logs[(by_position == 0) & (np.arange(positions) > 0)] = -np.inf
    likelihood, expected = _likelihood(logs, shown, by_pair, by_position)
    for _ in range(_MOST_STEPS if free.any() else 0):
        step = _newton(expected, by_pair, by_position, free)
        for _ in range(_MOST_HALVINGS):
            ahead = _likelihood(logs + step, shown, by_pair, by_position)
            if ahead[0] >= likelihood - 1e-9 * abs(likelihood):
                break
            step /= 2
        logs = logs + step
        likelihood, expected = ahead
        if np.abs(step).max() < _TOLERANCE:
            break
    return np.minimum(np.exp(logs), 1.0)


def _likelihood(logs: Floats, shown: Floats, by_pair: Floats, by_position: Floats) -> tuple[float, Floats]:
    """Log-likelihood without what does not depend on examination, and P(position | a click on the pair)."""
    weights = shown * np.exp(logs)
    totals = np.maximum(weights.sum(axis=1), 1e-300)
    finite = np.isfinite(logs)
    likelihood = float(by_position[finite] @ logs[finite] - by_pair @ np.log(totals))
    return likelihood, weights / totals[:, np.newaxis]


def _newton(expected: Floats, by_pair: Floats, by_position: Floats, free: NDArray[np.bool_]) -> Floats:
    share = expected[:, free]
    weighted = share * by_pair[:, np.newaxis]
    gradient = by_position[free] - weighted.sum(axis=0)
    curvature = np.diag(weighted.sum(axis=0) + _RIDGE) - share.T @ weighted
    step = np.zeros(len(free))
    step[free] = np.clip(np.linalg.lstsq(curvature, gradient, rcond=None)[0], -2, 2)
    return step
