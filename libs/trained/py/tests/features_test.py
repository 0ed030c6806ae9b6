"""Features of pairs: each group sees what it is for."""

import math

import pytest
from tiny_embedding import write_tiny_embedding

from sq.v1.product_pb2 import Product
from sq.v1.query_pb2 import Query
from sq_trained import Features
from sq_trained.embedding import Embedding
from sq_trained.features import GROUPS, NAMES

MOUSE = Product(product_id="1", content_hash="1", title="Acme wireless mouse black", brand="Acme")
PAD = Product(product_id="2", content_hash="2", title="Acme mouse pad", brand="Acme", description="Pad for a mouse")
WATCH = Product(product_id="3", content_hash="3", title="Volt smartwatch X2 256 GB", brand="Volt")


@pytest.fixture(scope="module")
def value(tmp_path_factory):
    features = Features(Embedding(write_tiny_embedding(tmp_path_factory.mktemp("embedding"))))
    features.learn([MOUSE, PAD, WATCH], "en")

    def of(text, product, name):
        query = Query(text=text, source_text=text, language="en", source_language="en")
        return float(features.row(query, product).values[NAMES.index(name)])

    return of


@pytest.mark.parametrize(
    ("text", "product", "name", "expected"),
    [
        ("mouse", MOUSE, "words_in_name", 1),
        ("red mouse", MOUSE, "words_in_title", 0.5),
        ("mouse", MOUSE, "is_accessory", 0),
        ("mouse", PAD, "is_accessory", 1),
        ("mouse pad", PAD, "is_accessory", 0),
        ("mouse pad", PAD, "head_ends_name", 1),
        ("mouse", PAD, "head_after_for", 1),
        ("acme", MOUSE, "words_are_brand", 1),
        ("smart watch", WATCH, "joined_words", 1),
        ("smart watch", MOUSE, "joined_words", 0),
        ("smartwatch x2", WATCH, "models_in_title", 1),
        ("smartwatch x3", WATCH, "models_in_title", 0),
        ("smartwatch 256gb", WATCH, "amounts", 2),
        ("smartwatch 512gb", WATCH, "amounts", 0),
    ],
)
def test_value(value, text, product, name, expected):
    assert value(text, product, name) == expected


@pytest.mark.parametrize("name", ["models_in_title", "amounts", "brand", "category", "worst_other_tag"])
def test_what_the_query_does_not_ask_for_has_no_value(value, name):
    assert math.isnan(value("mouse", MOUSE, name))


def test_without_an_embedding_the_other_groups_are_as_they_were(value):
    bare = Features(None)
    bare.learn([MOUSE, PAD, WATCH], "en")
    query = Query(text="mouse", source_text="mouse", language="en", source_language="en")
    for name, found in zip(NAMES, bare.row(query, PAD).values, strict=True):
        expected = math.nan if name in GROUPS["embedding"] else value("mouse", PAD, name)
        assert found == pytest.approx(expected, nan_ok=True), name


def test_a_typing_error_is_near(value):
    assert 0.9 < value("mousse", MOUSE, "nearest_head") < 1
    assert value("mousse", WATCH, "nearest_head") < 0.7


def test_a_query_without_words_has_no_features_of_words(value):
    assert math.isnan(value("the", MOUSE, "words_in_name"))


def test_meaning_is_a_cosine(value):
    assert value("acme wireless mouse black", MOUSE, "nearest_name") == 1
    assert -1 <= value("headset", MOUSE, "nearest_name") < 1
