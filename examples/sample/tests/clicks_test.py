"""The estimates out of the sample's clicks against the bias and taste the clicks were made with."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random

import numpy as np
import pytest
from written import SEED

from sq.v1.report_config_pb2 import ClickLog
from sq_report.clicks.log import read_clicks
from sq_report.clicks.rates import ClickRates, Examination, Rates
from sq_report.clicks.table import ClickTable
from sq_report.settings import Settings
from sq_sample.clicks import ATTRACTION, EXAMINATION, QUERIES, SEARCHES, SHOWN, lines, make_clicks, misses
from sq_sample.products import make_products
from sq_sample.query_log import make_query_log


class Truth:
    """The shop, what is searched for most, and the log of its clicks."""

    def __init__(self, folder: Path) -> None:
        self.products = {product.id: product for product in make_products(Random(f"products {SEED}"))}
        searches = make_query_log(list(self.products.values()), Random(f"queries {SEED}")).searches
        self.meaning = {search.text: search for search in searches if search.synonym is None}
        self.log = folder / "clicks.ndjson"
        documents = list(make_clicks(list(self.products.values()), searches, Random(f"clicks {SEED}")))
        self.log.write_text("\n".join(lines(iter(documents))), encoding="utf-8")
        self.texts = {document["user_query"] for document in documents}

    def attraction(self, text: str, product: str) -> float:
        return ATTRACTION[misses(self.products[product], self.meaning[text])]


@pytest.fixture(scope="module")
def truth(tmp_path_factory: pytest.TempPathFactory) -> Truth:
    return Truth(tmp_path_factory.mktemp("clicks"))


@pytest.fixture(scope="module")
def table(truth: Truth) -> ClickTable:
    return read_clicks(ClickLog(uri=[str(truth.log)]), {text: text for text in truth.texts}, lambda: None)


@pytest.fixture(scope="module")
def estimated(table: ClickTable) -> tuple[Examination, Rates]:
    each = np.arange(len(table.pairs))
    examination, (rates,) = ClickRates(table, Settings(resamples=200)).estimate([(each, len(each))])
    return examination, rates


def test_every_search_is_read(truth: Truth, table: ClickTable) -> None:
    events = [line for line in truth.log.read_text(encoding="utf-8").splitlines() if "action_name" in json.loads(line)]
    assert len(truth.texts) == QUERIES
    assert len(table.search_query) == QUERIES * SEARCHES
    assert len(table.search) == QUERIES * SEARCHES * SHOWN
    assert table.clicked.sum() == len(events)
    assert table.counts.unmatched_clicks == table.counts.broken == table.counts.silent_searches == 0


def test_the_bias_of_positions_is_found(estimated: tuple[Examination, Rates]) -> None:
    found, _ = estimated
    assert found.identified.all()
    np.testing.assert_allclose(found.value, EXAMINATION, atol=0.04)
    inside = (found.low <= EXAMINATION) & (np.array(EXAMINATION) <= found.high)
    assert inside.sum() >= SHOWN - 2
    assert (found.high - found.low).max() < 0.12


def test_debiased_rates_come_nearer_to_the_taste_than_raw_ones(
    truth: Truth, table: ClickTable, estimated: tuple[Examination, Rates]
) -> None:
    _, rates = estimated
    shown = np.bincount(table.pair, minlength=len(table.pairs))
    often = shown >= 50
    raw = np.bincount(table.pair[table.clicked], minlength=len(table.pairs)) / shown
    known = np.array([truth.attraction(*pair) for pair in table.pairs])
    raw_error = np.sqrt(np.mean((raw - known)[often] ** 2))
    debiased_error = np.sqrt(np.mean((rates.value - known)[often] ** 2))
    print(f"root mean square error: raw {raw_error:.3f}, debiased {debiased_error:.3f}")
    assert debiased_error < raw_error / 3
    covered = ((rates.low <= known) & (known <= rates.high))[often].mean()
    print(f"intervals that hold the truth: {covered:.3f}")
    assert covered > 0.88


def test_products_below_are_told_from_products_above_by_taste_alone(
    truth: Truth, table: ClickTable, estimated: tuple[Examination, Rates]
) -> None:
    """Of fitting products, raw click-through says that the lower are worse; debiased it does not."""
    _, rates = estimated
    shown = np.bincount(table.pair, minlength=len(table.pairs))
    mean_place = np.bincount(table.pair, weights=table.position, minlength=len(table.pairs)) / shown
    raw = np.bincount(table.pair[table.clicked], minlength=len(table.pairs)) / shown
    fitting = (shown >= 50) & (np.array([truth.attraction(*pair) for pair in table.pairs]) == ATTRACTION[0])
    assert np.corrcoef(mean_place[fitting], raw[fitting])[0, 1] < -0.8
    assert abs(np.corrcoef(mean_place[fitting], rates.value[fitting])[0, 1]) < 0.15
