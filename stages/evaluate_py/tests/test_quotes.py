"""Whether words that a model quotes stand in the product."""

import pytest
from evaluate_market import product

from sq_evaluate.judges.quotes import ProductWords

SHIRT = product("s", "Acme shirt, red", brand="Acme", colour="red", text="Made of cotton.")


@pytest.mark.parametrize(
    ("quote", "stands"),
    [
        ("Acme shirt, red", True),
        ("ACME  Shirt: RED", True),
        ("shirt", True),
        ("colour: red", True),
        ("hir", False),
        ("red Acme", False),
        ("blue", False),
        # Words of two fields.
        ("red made of", False),
        ("a perfect shirt", False),
    ],
)
def test_a_quote_stands_in_one_field_in_whole_words(quote, stands):
    assert ProductWords(SHIRT).contain(quote) is stands


@pytest.mark.parametrize(
    ("text", "quote", "stands"),
    [
        ("赤いコットンシャツ", "赤い", True),
        ("赤いコットンシャツ", "青い", False),
        ("ＮＩＫＥ Ａｉｒ", "Nike Air", True),
        ("Straße 5", "STRASSE", True),
        ("15,6 Zoll", "15.6 Zoll", True),
        ("g\u200brade", "grade", True),
    ],
)
def test_quotes_in_other_scripts_and_forms(text, quote, stands):
    assert ProductWords(product("p", text)).contain(quote) is stands


def test_what_is_not_sent_cannot_be_quoted():
    assert not ProductWords(product("p", "Hat", text=f"{'x ' * 800} blue")).contain("blue")
