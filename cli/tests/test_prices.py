"""Prices of models by mode, and their file."""

import pytest

from sq.v1.source_pb2 import CALL_MODE_BATCH, OpenAiEndpoint, Price
from sq_cli.money.prices import read_prices
from sq_stagekit.errors import InputError


def test_prices_have_a_date_and_every_mode_is_cheaper_than_plain():
    prices = read_prices()
    assert prices.date
    assert prices.source.startswith("https://")
    for modes in prices.models.values():
        for price in modes.values():
            assert price.input <= modes["plain"].input
            assert price.output <= modes["plain"].output


def test_a_snapshot_costs_what_its_model_does_and_a_configured_price_wins():
    prices = read_prices()
    snapshot = OpenAiEndpoint(model="gpt-5-mini-2025-08-07")
    assert prices.of(snapshot, "f") == dict(prices.models["gpt-5-mini"])
    snapshot.price.input = 7
    assert prices.of(snapshot, "f")["plain"].input == 7
    with pytest.raises(InputError, match="f.model: own-1 is not among the prices"):
        prices.of(OpenAiEndpoint(model="own-1"), "f")


def test_the_files_date_is_told_only_where_a_price_is_from_it():
    prices, own = read_prices(), Price(input=8, output=20)
    assert prices.serves(OpenAiEndpoint(model="gpt-5-mini"))
    # The configuration has the price of plain calls alone; flex and batch are those of the file.
    assert prices.serves(OpenAiEndpoint(model="gpt-5-mini", price=own))
    assert not prices.serves(OpenAiEndpoint(model="own-1", price=own))


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, {"plain", "flex", "batch"}),
        ({"price": Price(input=8, output=20)}, {"plain", "flex", "batch"}),
        ({"model": "own-1", "price": Price(input=8, output=20)}, {"plain", "batch"}),
        ({"reduced_price": Price(input=4, output=10)}, {"plain", "flex", "batch"}),
    ],
)
def test_the_mode_of_the_run_is_planned_at_the_price_that_it_will_be_billed_at(given, expected):
    endpoint = OpenAiEndpoint(**{"model": "gpt-5-mini", "mode": CALL_MODE_BATCH} | given)
    found = read_prices().of(endpoint, "f")
    assert set(found) == expected
    if given:
        assert found["batch"] == Price(input=4, output=10)
    else:
        assert found["batch"] == read_prices().models["gpt-5-mini"]["batch"]


def test_batch_and_flex_cost_half():
    for modes in read_prices().models.values():
        for mode in {"flex", "batch"} & set(modes):
            assert modes[mode].input == pytest.approx(modes["plain"].input / 2)
            assert modes[mode].output == pytest.approx(modes["plain"].output / 2)


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("date: 2026-01-01", "--prices: models"),
        ("{date: soon, models: {m: {plain: {input: 1, output: 1}}}}", "--prices: date"),
        ("{date: 2026-01-01, models: {m: {batch: {input: 1, output: 1}}}}", "--prices: models.m"),
        ("{date: 2026-01-01, models: {m: {plain: {input: 1, output: 1}, slow: {}}}}", "--prices: models.m.slow"),
        ("{date: 2026-01-01, models: {m: {plain: {input: 1}}}}", "--prices: models.m.plain"),
    ],
)
def test_prices_that_cannot_be_used(tmp_path, text, field):
    path = tmp_path / "prices.yaml"
    path.write_text(text)
    with pytest.raises(InputError) as caught:
        read_prices(path)
    assert caught.value.field == field
