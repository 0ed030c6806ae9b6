"""A market's catalogues and values."""

import random

import pytest

from sq.v1.product_pb2 import Attribute, Product
from sq_generate.catalogue_tables import CatalogueTables, StatedValue, ValuePair
from sq_generate.values import learn_values, same_spelling
from sq_handoff.product import seal


def product(product_id, category, colours, brand="Acme"):
    attributes = [Attribute(name="colour", values=colours, tag_type="COLOUR")]
    return seal(Product(product_id=product_id, brand=brand, categories=[category], attributes=attributes))


ENGLISH = [
    product("p1", "Shirts", ["red"]),
    product("p2", "Shirts", ["Red", "blue"]),
    product("p3", "Hats", ["blue"]),
    product("p4", "Hats", ["red"], brand="Bolt"),
    product("p9", "Hats", ["green"]),
]
GERMAN = [
    product("p1", "Hemden", ["rot"]),
    product("p2", "Hemden", ["rot", "blau"]),
    product("p3", "Hüte", ["blau"]),
    product("p4", "Hüte", ["rot"], brand="Bolt"),
]


@pytest.fixture
def tables():
    opened = CatalogueTables()
    yield opened
    opened.close()


def load(tables, side, products, language):
    return tables.load(side, iter(products), language, lambda done: None)


@pytest.mark.parametrize(
    ("wanted", "ids"),
    [
        ([("CATEGORY", "shirt")], ["p1", "p2"]),
        ([("CATEGORY", "shirt"), ("COLOUR", "red")], ["p1", "p2"]),
        ([("COLOUR", "red"), ("COLOUR", "blue")], ["p2"]),
        ([("BRAND", "bolt"), ("COLOUR", "blue")], []),
        ([("COLOUR", "purple")], []),
        ([], []),
    ],
)
def test_matches_state_everything_that_is_wanted(tables, wanted, ids):
    load(tables, "market", random.Random(3).sample(ENGLISH, len(ENGLISH)), "en")
    assert [found.product_id for found in tables.products(tables.matches(wanted))] == ids


def test_products_come_back_as_they_were(tables):
    load(tables, "market", ENGLISH, "en")
    assert tables.products(tables.matches([("BRAND", "acme")])) == [ENGLISH[0], ENGLISH[1], ENGLISH[2], ENGLISH[4]]


def test_of_products_with_one_id_the_first_counts(tables):
    assert load(tables, "market", [*ENGLISH, product("p1", "Hats", ["black"])], "en") == 1
    assert len(tables.matches([("COLOUR", "black")])) == 0
    assert StatedValue("COLOUR", "red", "Red") in tables.values("market")


def test_values_are_learned_from_products_in_both_catalogues(tables):
    load(tables, "market", GERMAN, "de")
    load(tables, "source", ENGLISH, "en")
    assert learn_values(tables.value_pairs()) == {
        ("BRAND", "acme"): "acme",
        ("BRAND", "bolt"): "bolt",
        ("CATEGORY", "hat"): "hut",
        ("CATEGORY", "shirt"): "hemd",
        ("COLOUR", "blue"): "blau",
        ("COLOUR", "red"): "rot",
    }


@pytest.mark.parametrize(
    ("pairs", "expected"),
    [
        ([("a", "x", 5, 5, 5), ("a", "y", 5, 5, 100)], "x"),
        ([("a", "y", 3, 3, 3), ("a", "x", 3, 3, 3)], "x"),
        ([("a", "a", 3, 3, 3), ("a", "0", 3, 3, 3)], "a"),
        ([("a", "x", 1, 10, 10)], None),
    ],
)
def test_the_pair_that_shares_most_wins(pairs, expected):
    learned = learn_values([ValuePair("T", *pair) for pair in pairs])
    assert learned.get(("T", "a")) == expected


def test_one_catalogue_for_two_languages_keeps_its_own_spelling():
    stated = [StatedValue("CATEGORY", "stiefel", "Stiefel"), StatedValue("BRAND", "levi's", "Levi's")]
    assert same_spelling(stated, "en") == {("CATEGORY", "stiefel"): "stiefel", ("BRAND", "levi"): "levi's"}
