"""Ids of segments and queries."""

import pytest

from sq.v1.tag_pb2 import Tag
from sq_generate.segments import query_id, segment_id

SHIRT, RED, BLUE, ACME = (
    Tag(type="CATEGORY", value="shirt"),
    Tag(type="COLOUR", value="red"),
    Tag(type="COLOUR", value="blue"),
    Tag(type="BRAND", value="acme"),
)


@pytest.mark.parametrize(
    ("tags", "types", "expected"),
    [
        ([], ["BRAND"], "UNTAGGED"),
        ([RED, SHIRT], ["BRAND", "CATEGORY"], "CATEGORY=shirt+COLOUR"),
        ([SHIRT, RED, ACME], ["BRAND", "CATEGORY"], "BRAND=acme+CATEGORY=shirt+COLOUR"),
        ([SHIRT, RED], [], "CATEGORY+COLOUR"),
        ([RED, BLUE], ["BRAND"], "COLOUR"),
        ([RED, BLUE], ["COLOUR"], "COLOUR=blue+COLOUR=red"),
    ],
)
def test_segment_id(tags, types, expected):
    assert segment_id(tags, types) == expected


def test_query_id_depends_on_text_and_languages_alone():
    ids = {query_id(*key) for key in [("a", "en", "de"), ("a", "en", "fr"), ("b", "en", "de"), ("a", "de", "en")]}
    assert len(ids) == 4
    # Runs of different releases are compared by this id.
    assert query_id("red shoes", "en", "de") == "q272ca7f0f7de11ae"
