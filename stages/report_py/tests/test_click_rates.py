"""The position-based model on clicks whose bias and attraction are known."""

from __future__ import annotations

import numpy as np
import pytest

from sq_report.clicks.position_bias import examination, identified
from sq_report.clicks.rates import ClickRates
from sq_report.clicks.table import ClickTable
from sq_report.settings import Settings

BIAS = np.array([1, 0.6, 0.4, 0.3, 0.2])
FAST = Settings(resamples=60)


def drawn(seed: int, searches: int = 3000, moving: bool = True) -> tuple[ClickTable, np.ndarray]:
    """Twelve products of one query, five shown a search; and each product's attraction."""
    random = np.random.default_rng(seed)
    attraction = random.uniform(0.05, 0.7, 12)
    shown = np.stack([random.permutation(12)[:5] if moving else np.arange(5) for _ in range(searches)])
    clicked = random.random(shown.shape) < BIAS * attraction[shown]
    numbers = np.arange(searches)
    table = ClickTable(
        pairs=[("q", f"p{n}") for n in range(12)],
        search_query=["q"] * searches,
        search_session=numbers,
        search=np.repeat(numbers, 5),
        pair=shown.ravel(),
        position=np.tile(np.arange(1, 6), searches),
        clicked=clicked.ravel(),
    )
    return table, attraction


def grid(table: ClickTable, rows: np.ndarray) -> np.ndarray:
    counts = np.zeros((12, 5))
    np.add.at(counts, (table.pair[rows], table.position[rows] - 1), 1)
    return counts


@pytest.mark.parametrize("seed", range(5))
def test_bias_and_attraction_are_found(seed: int) -> None:
    table, attraction = drawn(seed)
    found, (rates,) = ClickRates(table, FAST).estimate([(np.arange(12), 12)])
    np.testing.assert_allclose(found.value, BIAS, atol=0.08)
    np.testing.assert_allclose(rates.value, attraction, atol=0.1)
    assert ((rates.low <= attraction) & (attraction <= rates.high)).mean() > 0.7


def test_the_fit_is_that_of_expectation_maximisation() -> None:
    """On rare clicks both solve the same equations; the loop below is the textbook's."""
    table, _ = drawn(1, searches=20_000)
    random = np.random.default_rng(2)
    rare = table.clicked & (random.random(len(table.clicked)) < 0.1)
    shown, clicked = grid(table, np.ones(len(rare), bool)), grid(table, rare)
    bias, attraction = np.ones(5) / 2, np.full(12, 0.05)
    bias[0] = 1
    for _ in range(20_000):
        both = np.outer(attraction, bias)
        passed = (shown - clicked) / (1 - both)
        bias, attraction = (
            (clicked + passed * (bias - both)).sum(axis=0) / shown.sum(axis=0),
            (clicked + passed * (attraction[:, np.newaxis] - both)).sum(axis=1) / shown.sum(axis=1),
        )
        bias[0] = 1
    np.testing.assert_allclose(examination(shown, clicked), bias, atol=0.005)


def test_many_products_with_few_impressions_leave_no_bias() -> None:
    """Each of 20 000 products is shown twice only: fitting their attractions would be far off, conditioning is not."""
    random = np.random.default_rng(3)
    shown = np.ones((20_000, 2))
    clicked = (random.random(shown.shape) < random.uniform(0.1, 0.5, (20_000, 1)) * [1, 0.5]).astype(float)
    np.testing.assert_allclose(examination(shown, clicked), [1, 0.5], atol=0.03)


def test_positions_between_which_nothing_moves_are_not_identified() -> None:
    table, _ = drawn(1, moving=False)
    every = np.ones(len(table.pair), bool)
    assert identified(grid(table, every), grid(table, table.clicked)).tolist() == [True] + [False] * 4
    found, (rates,) = ClickRates(table, FAST).estimate([(np.arange(12), 12)])
    assert found.value.tolist() == [1, 0, 0, 0, 0]
    assert (rates.examined > 0).tolist() == [True] + [False] * 11


def test_without_a_click_nothing_is_identified() -> None:
    shown = np.full((3, 4), 100.0)
    assert not identified(shown, np.zeros((3, 4))).any()


def test_an_empty_table() -> None:
    none = np.zeros(0, dtype=np.int64)
    table = ClickTable([], [], none, none, none, none, none.astype(bool))
    found, (rates,) = ClickRates(table, FAST).estimate([(none, 2)])
    assert len(found.value) == 0
    assert rates.value.tolist() == rates.high.tolist() == [0, 0]


def test_equal_tables_give_equal_figures() -> None:
    first, second = (ClickRates(drawn(4)[0], FAST).estimate([(np.arange(12), 12)])[1][0] for _ in range(2))
    assert first.low.tolist() == second.low.tolist()
    assert first.high.tolist() == second.high.tolist()
