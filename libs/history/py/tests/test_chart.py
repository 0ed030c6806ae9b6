"""What the chart calls a change."""

from __future__ import annotations

import numpy as np
import pytest

from sq_history import Chart, Point

ERROR = 0.01


def series(values: list[float], error: float = ERROR) -> list[Point]:
    return [Point(value, error) for value in values]


def noise(count: int, seed: int = 1, spread: float = ERROR) -> list[float]:
    return (0.7 + np.random.default_rng(seed).normal(0, spread, count)).tolist()


def test_a_level_without_noise_has_no_change() -> None:
    assert Chart().changes(series([0.7] * 30, 0.0)) == []


def test_noise_of_the_size_of_the_errors_is_no_change() -> None:
    assert Chart().changes(series(noise(52))) == []


@pytest.mark.parametrize("step", [-0.05, 0.05])
def test_a_step_is_named_with_its_start_and_size(step: float) -> None:
    values = [*noise(20), *(value + step for value in noise(8, seed=2))]
    (change,) = Chart().changes(series(values))
    assert 19 <= change.start <= 21
    assert change.start <= change.seen <= 24
    assert change.size == pytest.approx(step, abs=0.015)


def test_noise_between_runs_beyond_the_errors_widens_the_limits() -> None:
    values = noise(30, spread=0.03)
    values[-1] = 0.7 - 0.045
    assert Chart().changes(series(values, 0.002)) == []
    assert Chart().changes(series([*noise(29, spread=0.002), values[-1]], 0.002)) != []


def test_nothing_is_tested_before_five_earlier_points() -> None:
    values = [0.7, 0.7, 0.7, 0.7, 0.4]
    assert Chart().changes(series(values)) == []
    (change,) = Chart().changes(series([0.7, *values]))
    assert (change.start, change.seen) == (5, 5)


def test_after_a_change_the_chart_starts_at_the_new_level() -> None:
    values = [*noise(15), *(value - 0.06 for value in noise(15, 2)), *noise(10, 3)]
    sizes = [change.size for change in Chart().changes(series(values))]
    assert [size > 0 for size in sizes] == [False, True]


def test_a_single_figure_with_a_wide_interval_is_no_change() -> None:
    points = [*series(noise(20)), Point(0.5, 0.15)]
    assert Chart().changes(points) == []


def test_the_unit_does_not_matter() -> None:
    values = [*noise(20), *(value - 0.05 for value in noise(8, 2))]
    (share,), (points,) = (Chart().changes(series([scale * v for v in values], scale * ERROR)) for scale in (1, 100))
    assert (points.start, points.seen) == (share.start, share.seen)
    assert points.size == pytest.approx(100 * share.size)
