"""Names from clicks, as probes of the stage."""

import json

import pytest
from diagnose_market import Diagnosed, query

from sq.v1.product_pb2 import Product
from sq_diagnose.click_names import alike
from sq_mechanisms import CatalogueWords, Market

TITLES = "Wireless headphones", "Black toner", "Acme printer"
MARKET = Market("en", CatalogueWords.of([Product(title=title) for title in TITLES], "en"))


@pytest.mark.parametrize(
    ("phrase", "other", "found"),
    [
        ("cans", "wireless headphones", True),
        ("headphone", "headphones", False),  # an inflection
        ("wireless", "wireless headphones", False),  # a narrower query
        ("headphones wireless", "wireless headphones", False),  # the same words
        ("cans", "earbuds", False),  # no product holds the word
        ("a b c d e", "headphones", False),  # too long for a list of synonyms
    ],
)
def test_what_is_another_name(phrase: str, other: str, found: bool) -> None:
    clicks = {phrase: {"p": 3, "q": 1}, other: {"p": 4}}
    assert alike([phrase], clicks, MARKET) == ({phrase: [other]} if found else {})


@pytest.mark.parametrize(
    ("one", "other", "found"),
    [
        ({"p": 3}, {"p": 3}, True),
        ({"p": 2}, {"p": 9}, False),  # too few clicks to trust
        ({"p": 3, "q": 30}, {"p": 3, "r": 30}, False),  # mostly about other things
        ({"p": 3}, {"q": 3}, False),
    ],
)
def test_how_alike_clicks_have_to_be(one: dict, other: dict, found: bool) -> None:
    assert bool(alike(["cans"], {"cans": one, "headphones": other}, MARKET)) is found


def ubi(folder, lines):
    path = folder / "clicks.ndjson"
    path.write_text("\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines))
    return str(path)


def searches(text: str, product: str, times: int, day: str = "2026-01-05") -> list[dict]:
    found = []
    for number in range(times):
        search = {"query_id": f"{text} {day} {number}", "timestamp": f"{day}T10:00:00Z"}
        found.append(search | {"user_query": text})
        found.append(search | {"action_name": "click", "event_attributes": {"object": {"object_id": product}}})
    return found


def test_queries_that_led_to_the_same_product_are_tried_as_synonyms(tmp_path, capfd):
    strange = {"query_id": ["s"], "action_name": ["click"], "event_attributes": {"object": {"object_id": "p"}}}
    numbered = [line | {"query_id": n // 2} for n, line in enumerate(searches("headphones", "p", 3))]
    lines = [*searches("Cans", "p", 3), *numbered, strange, "{broken"]
    given = Diagnosed(tmp_path, [(query("cans"), 2), (query("red shirt"), 2)])
    assert given.run({"mechanisms": ["vocabulary"], "clicks": {"uri": [ubi(tmp_path, lines)]}}) == 0
    (probe,) = [one for one in given.probes() if one.probe.mechanism == "vocabulary"]
    assert (probe.text, probe.probe.change) == ("headphones", "cans → headphones")
    assert "lines of the click log cannot be read" in capfd.readouterr().err


def test_clicks_outside_the_window_do_not_count(tmp_path):
    lines = [*searches("cans", "p", 3), *searches("headphones", "p", 3, day="2026-01-06")]
    window = {"start": "2026-01-05T00:00:00Z", "end": "2026-01-06T00:00:00Z"}
    given = Diagnosed(tmp_path, [(query("cans"), 2)])
    assert given.run({"mechanisms": ["vocabulary"], "clicks": {"uri": [ubi(tmp_path, lines)], **window}}) == 0
    assert not [one for one in given.probes() if one.probe.mechanism == "vocabulary"]


def test_a_window_that_nobody_filled_is_refused(tmp_path, capfd):
    given = Diagnosed(tmp_path, [(query("cans"), 2)])
    assert given.run({"clicks": {"uri": ["c/{date}/"]}}) == 2
    assert "clicks.uri[0]" in capfd.readouterr().err
