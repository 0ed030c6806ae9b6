"""Comparing products with tags."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sq.v1.product_pb2 import Attribute, Product
from sq_evidence import Evidence, ProductText, Vocabulary, weigh


def product(title="", *, brand="", category="", text="", **tags):
    attributes = [Attribute(name=n, values=v.split("|"), tag_type=n.upper()) for n, v in tags.items()]
    categories = [category] if category else []
    return Product(title=title, description=text, brand=brand, categories=categories, attributes=attributes)


SEEN = [
    product(brand="Red Wing", category="Clothing > Shirts", colour="red", size="S"),
    product(brand="Acme", category="Shoes", colour="navy blue", material="cotton"),
    product(brand="Bolt Tools", category="dress", colour="blue"),
    product(brand="Targus", category="bag", colour="black"),
]
VOCABULARY = Vocabulary.of(SEEN, "en")

CASES = [
    # attributes decide
    ("COLOUR", "red", product("Shirt", colour="red"), Evidence.MATCHING),
    ("COLOUR", "red", product("Shirt", colour="blue"), Evidence.DIFFERING),
    ("COLOUR", "red", product("Shirt"), Evidence.MISSING),
    ("COLOUR", "red", product("Shirt", colour="blue|red"), Evidence.MATCHING),
    ("COLOUR", "blue", product("Shirt", colour="navy blue"), Evidence.MATCHING),
    ("COLOUR", "navy blue", product("Shirt", colour="blue"), Evidence.DIFFERING),
    ("CATEGORY", "shirt", product("A", category="Clothing > Shirts"), Evidence.MATCHING),
    ("CATEGORY", "shirt", product("A", category="polo shirt"), Evidence.DIFFERING),
    ("CATEGORY", "hat", product("A", category="sun hat"), Evidence.MATCHING),
    ("CATEGORY", "shirt", product("A", category="shirt dress"), Evidence.DIFFERING),
    ("BRAND", "bolt", product("Hammer", brand="Bolt Tools"), Evidence.MATCHING),
    # title and description against the attribute
    ("COLOUR", "red", product("Red shirt", colour="blue"), Evidence.CONFLICTING),
    ("COLOUR", "blue", product("Red shirt", colour="blue"), Evidence.CONFLICTING),
    ("COLOUR", "black", product("Red shirt", colour="blue"), Evidence.DIFFERING),
    ("COLOUR", "red", product("Shirt", text="A red shirt.", colour="blue"), Evidence.CONFLICTING),
    ("COLOUR", "red", product("Red and blue shirt", colour="red"), Evidence.MATCHING),
    ("COLOUR", "red", product("Blue shirt", text="Red shirt", colour="blue"), Evidence.DIFFERING),
    ("COLOUR", "blue", product("Teal shirt", colour="blue"), Evidence.MATCHING),
    ("COLOUR", "blue", product("Red Wing boots", brand="Red Wing", colour="blue"), Evidence.MATCHING),
    ("CATEGORY", "shoe", product("Shirt", category="shoes"), Evidence.CONFLICTING),
    ("CATEGORY", "shirt", product("Shirt", text="for shoes", category="shirts"), Evidence.MATCHING),
    ("BRAND", "acme", product("Acme shirt", brand="Bolt Tools"), Evidence.CONFLICTING),
    ("BRAND", "targus", product("Sleeve for Acme", brand="Targus"), Evidence.MATCHING),
    ("BRAND", "acme", product("Sleeve for Acme", brand="Targus"), Evidence.DIFFERING),
    ("SIZE", "m", product("Shirt S", size="M"), Evidence.MATCHING),
    # no attribute
    ("COLOUR", "red", product("Red shirt"), Evidence.MISSING),
    ("COLOUR", "red", product("Blue shirt"), Evidence.DIFFERING),
    # a tag type that no product has an attribute for
    ("FIT", "slim", product("Slim shirt"), Evidence.MATCHING),
    ("FIT", "slim", product("Shirt", text="slim"), Evidence.MISSING),
]


@pytest.mark.parametrize(("kind", "value", "given_product", "evidence"), CASES)
def test_weigh(kind, value, given_product, evidence):
    wanted = tuple(value.split())
    assert weigh(kind, wanted, ProductText.of(given_product, "en"), VOCABULARY) is evidence


WORDS = st.lists(st.sampled_from(["red", "blue", "navy", "shirt", "for", "acme", "wing"]), max_size=4).map(" ".join)


@given(WORDS, WORDS, WORDS, st.sampled_from(["red", "blue", "navy blue"]))
def test_a_product_whose_text_names_no_value_never_conflicts(title, text, colour, wanted):
    read = ProductText.of(product(title, text=text, **({"colour": colour} if colour else {})), "en")
    evidence = weigh("COLOUR", tuple(wanted.split()), read, VOCABULARY)
    if not VOCABULARY.mentions("COLOUR", read.title) and not VOCABULARY.mentions("COLOUR", read.description):
        assert evidence is not Evidence.CONFLICTING


def test_the_order_products_are_seen_in_makes_no_difference():
    backwards = Vocabulary.of(reversed(SEEN), "en")
    for kind, value, given_product, _ in CASES:
        read = ProductText.of(given_product, "en")
        wanted = tuple(value.split())
        assert weigh(kind, wanted, read, VOCABULARY) is weigh(kind, wanted, read, backwards)
