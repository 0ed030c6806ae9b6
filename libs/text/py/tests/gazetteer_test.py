"""The gazetteer: which entities a text contains, and where."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sq_text import Entry, Gazetteer, gazetteer_engine

ENTRIES = [
    Entry("BRAND", "H&M", "H&M"),
    Entry("BRAND", "Hugo Boss", "Hugo Boss"),
    Entry("BRAND", "Boss", "Boss"),
    Entry("BRAND", "Orange", "Orange"),
    Entry("BRAND", "Clarks", "Clarks"),
    Entry("CATEGORY", "Running Shoes", "Running Shoes"),
    Entry("CATEGORY", "Shoes", "Shoes"),
    Entry("CATEGORY", "Jeans", "Jeans"),
    Entry("MATERIAL", "Gold", "Gold"),
    Entry("COLOUR", "Gold", "Gold"),
    Entry("COLOUR", "Orange", "Orange"),
    Entry("COLOUR", "Red", "Red"),
    Entry("COLOUR", "Red", "scarlet"),
    Entry("COLOUR", "Denim", "denim", rank=0),
    Entry("CATEGORY", "Denim", "denim"),
    Entry("SIZE", "XL", "XL"),
    Entry("SIZE", "42", "42"),
    Entry("SIZE", "M", "M"),
    Entry("GENDER", "Women", "Women"),
]


def tagged(text, entries=ENTRIES):
    return [(tag.type, tag.value, tag.surface, tag.start) for tag in Gazetteer.build(entries, "en").tag(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("red shoe", [("COLOUR", "red", "red", 0), ("CATEGORY", "shoe", "shoe", 4)]),
        ("Scarlet JEANS", [("COLOUR", "red", "Scarlet", 0), ("CATEGORY", "jeans", "JEANS", 8)]),
        ("running shoes", [("CATEGORY", "running shoe", "running shoes", 0)]),
        ("shoes for running", [("CATEGORY", "shoe", "shoes", 0)]),
        ("hugo boss", [("BRAND", "hugo boss", "hugo boss", 0)]),
        ("boss hugo", [("BRAND", "boss", "boss", 0)]),
        ("redshoes infrared", []),
        ("h & m size m", [("BRAND", "h m", "h & m", 0), ("SIZE", "m", "m", 11)]),
        ("42 xl", [("SIZE", "42", "42", 0), ("SIZE", "xl", "xl", 3)]),
        ("421 42cm", []),
        ("women's clark", [("GENDER", "woman", "women's", 0), ("BRAND", "clark", "clark", 8)]),
        ("gold", [("COLOUR", "gold", "gold", 0)]),
        ("orange", [("BRAND", "orange", "orange", 0)]),
        ("denim", [("COLOUR", "denim", "denim", 0)]),
        ("", []),
        ("nothing known", []),
    ],
)
def test_tag(text, expected):
    assert tagged(text) == expected


@pytest.mark.parametrize(
    ("surfaces", "text", "expected"),
    [
        (["a b", "b c d"], "a b c d", ["b c d"]),
        (["ab cd", "cd efg"], "ab cd efg", ["cd efg"]),
        (["a b", "b c"], "a b c", ["a b"]),
    ],
)
def test_of_overlapping_matches_the_longest_wins(surfaces, text, expected):
    entries = [Entry("COLOUR", surface, surface) for surface in surfaces]
    assert [tag.surface for tag in Gazetteer.build(entries, "xx").tag(text)] == expected


def test_an_exact_spelling_wins_over_a_shared_lemma():
    entries = [Entry("BRAND", "Vans", "Vans"), Entry("CATEGORY", "Van", "Van")]
    assert tagged("vans", entries)[0][:2] == ("BRAND", "van")
    assert tagged("van", entries)[0][:2] == ("CATEGORY", "van")


def test_the_order_of_entries_makes_no_difference():
    texts = ["gold orange denim h m 42", "hugo boss running shoes xl"]
    shuffled = ENTRIES * 2
    random.Random(7).shuffle(shuffled)
    assert [tagged(text, shuffled) for text in texts] == [tagged(text) for text in texts]


def test_an_empty_gazetteer_tags_nothing():
    assert tagged("red shoes", []) == []
    assert tagged("red shoes", [Entry("COLOUR", "!", "?")]) == []


def test_the_digest_is_that_of_the_entries_and_the_language():
    digest = gazetteer_engine(ENTRIES, "en").gazetteer_digest
    assert gazetteer_engine([*reversed(ENTRIES), ENTRIES[0]], "en").gazetteer_digest == digest
    others = [
        gazetteer_engine(ENTRIES, "de"),
        gazetteer_engine(ENTRIES[1:], "en"),
        gazetteer_engine([*ENTRIES[1:], Entry("BRAND", "H&M", "H&M", rank=0)], "en"),
        gazetteer_engine([*ENTRIES[1:], Entry("BRAND", "H&M", "H & M")], "en"),
    ]
    assert len({digest, *(other.gazetteer_digest for other in others)}) == 5


words = st.sampled_from(["red", "Shoes", "GOLD", "h&m", "café", "running", "xl", "42", "женские", "—", "for"])


@given(st.lists(st.tuples(words, st.sampled_from([" ", "  ", "-", "\u0301 ", "👟"]))))
def test_offsets_count_code_points_and_never_overlap(parts):
    text = "".join(word + gap for word, gap in parts)
    end = 0
    for tag in Gazetteer.build(ENTRIES, "en").tag(text):
        assert text[tag.start : tag.end] == tag.surface != ""
        assert tag.start >= end
        end = tag.end


@pytest.mark.parametrize(
    ("text", "types"),
    [
        ("3m", ["BRAND"]),
        ("3m tape", ["BRAND"]),
        ("usb kabel 3m", []),
        ("usb kabel 3M 2l", ["SIZE"]),
        ("scotch 3m", []),
        ("red 3m command", []),
        ("jeans 501", ["BRAND"]),
    ],
)
def test_a_measure_behind_other_words_is_no_brand(text, types):
    entries = [
        Entry("BRAND", "3M", "3M"),
        Entry("BRAND", "2L", "2L"),
        Entry("SIZE", "2L", "2L"),
        Entry("BRAND", "501", "501"),
    ]
    assert [tag.type for tag in Gazetteer.build(entries, "en").tag(text)] == types


def test_a_measure_that_a_person_added_is_a_brand():
    gazetteer = Gazetteer.build([Entry("BRAND", "3M", "3M", rank=0)], "en")
    assert [tag.type for tag in gazetteer.tag("tape 3m")] == ["BRAND"]
