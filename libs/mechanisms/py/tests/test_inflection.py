"""Which form of a word the mechanism of inflection tries."""

from __future__ import annotations

import pytest
from mechanisms_market import asked, changes

from sq.v1.product_pb2 import Product
from sq_mechanisms import CatalogueWords, Market


@pytest.mark.parametrize(
    ("typed", "held", "expected"),
    [
        ("batteries", "battery", ["battery"]),
        ("headphone", "headphones", ["headphones"]),
        ("switches", "switch", ["switch"]),
        ("laminator", "laminated", []),  # Snowball has one stem for both; no light stemmer does
        ("printed", "printer", []),
    ],
)
def test_an_inflection_in_english_is_singular_or_plural(typed: str, held: str, expected: list[str]) -> None:
    market = Market("en", CatalogueWords.of([Product(title=held)] * 2, "en"))
    assert [change.text for change in changes("inflection", asked(typed), market)] == expected


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("graphics cards", "graphics card"),
        ("graphics card", "graphics cards"),  # both are in their most frequent form already
    ],
)
def test_a_word_in_its_most_frequent_form_stays(typed: str, expected: str) -> None:
    titles = ["Graphics card"] * 5 + ["Two graphics cards"] * 3 + ["Graphic novel"] * 2
    market = Market("en", CatalogueWords.of([Product(title=title) for title in titles], "en"))
    assert [change.text for change in changes("inflection", asked(typed), market)] == [expected]
