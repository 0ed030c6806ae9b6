"""Queries that are alike get the answer that each of them gets alone."""

import pyarrow
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from junk_test import JUNK, SEARCHES

from sq_generate import batch_classifier as module
from sq_generate.batch_classifier import AlikeClassifier, EachClassifier, batch_classifier
from sq_generate.classifier import Classifier
from sq_ner.tagger import GazetteerTagger
from sq_text import Entry

ENTRIES = [
    Entry("BRAND", "3M", "3M"),
    Entry("BRAND", "H&M", "H&M"),
    Entry("BRAND", "Levi's", "Levi's"),
    Entry("BRAND", "aaaaa", "aaaaa"),
    Entry("BRAND", "Vans", "Vans"),
    Entry("CATEGORY", "Van", "Van"),
    Entry("CATEGORY", "Running Shoes", "Running Shoes"),
    Entry("CATEGORY", "Shoes", "Shoes"),
    Entry("COLOUR", "Grün", "Grün"),
    Entry("COLOUR", "Red", "Red"),
    Entry("SIZE", "42", "42"),
    Entry("SIZE", "M", "M"),
]
CATALOGUE = frozenset(["asdf", "zzzzzz", "union", "select", "drop", "table", "red"])


class Counted(Classifier):
    """Notes the spellings that are classified."""

    seen: list[str] = []

    def __call__(self, spellings):
        self.seen.extend(spellings)
        return super().__call__(spellings)


def classifier(language="en", keep_all=False, kind=Classifier):
    return kind(GazetteerTagger(ENTRIES, language), ("BRAND", "CATEGORY"), keep_all, CATALOGUE)


CLASSIFIERS = [classifier(), classifier("de"), classifier("xx"), classifier(keep_all=True)]


def rows(function, spellings):
    return function(pyarrow.array(spellings, pyarrow.string())).to_pylist()


USUAL = """
red grün shoes running vans van 3m h&m h & m levi's levis 42 usb cable 4711 11111 1 aaaaa aaaa a zzzzzz zzzzzzz xxxxxxxl
asdf qwerty jkljkl union select drop table from where waitfor delay sqlmap insert into null www acme.com
&amp; %27 <b> 1=1 '" # -- ; 2.5 ² Ⅳ ٣ ｒｅｄ RED Σας σας İ ﬁ 👟 靴 ?
"""
WORDS = USUAL.split() + ["gru\u0308n", "\u0301", "\u200b", "\u00a0", "\t", "\n", "\0"]
words = st.one_of(st.sampled_from(WORDS), st.from_regex(r"[a-z]{1,8}|[0-9]{1,5}", fullmatch=True), st.text(max_size=4))
queries = st.builds(
    lambda parts, separator: separator.join(parts),
    st.lists(words, max_size=6),
    st.sampled_from([" ", " ", " ", "  ", "", "-", "\u00a0"]),
)


@settings(max_examples=400)
@given(st.lists(queries, max_size=30), st.sampled_from(CLASSIFIERS))
@example(["red ?", "red 7", "\0red ?", "? red", "7 red"], CLASSIFIERS[0])
@example([text for texts in JUNK.values() for text in texts] + SEARCHES, CLASSIFIERS[0])
@example(["a " * 29 + "b", "a " * 30 + "b", "c" * 200, "c d " * 50, "c e " * 50, "ab" * 101], CLASSIFIERS[0])
@example(
    ["union x select drop table", f"union {'x' * 60} select drop table", "select from x", "select y"], CLASSIFIERS[0]
)
@example(["zzzzzzz red", "zzzzzzz green", "zzzzzz red", "zzzzzz blue", "asdf asdf", "asdf lkjh"], CLASSIFIERS[0])
def test_all_get_the_answers_that_each_gets_alone(spellings, one):
    assert rows(batch_classifier(one), spellings) == rows(EachClassifier(one), spellings)


@settings(max_examples=100)
@given(st.lists(queries, max_size=20), st.lists(queries, max_size=20))
def test_earlier_batches_change_nothing(before, spellings):
    function = batch_classifier(CLASSIFIERS[0])
    rows(function, before)
    assert rows(function, spellings) == rows(EachClassifier(CLASSIFIERS[0]), spellings)


@pytest.mark.parametrize("kept", [0, 100])
def test_one_of_many_that_are_alike_is_classified(monkeypatch, kept):
    monkeypatch.setattr(module, "_MOST_KEPT", kept)
    counted = classifier(kind=Counted)
    counted.seen.clear()
    function = batch_classifier(counted)
    for first in (130, 240, 350):
        found = rows(function, [f"Red  Shirt {number}" for number in range(first, first + 40)])
        assert found[7] == {"text": f"red shirt {first + 7}", "junk": "", "segment_id": "COLOUR"}
    assert counted.seen[0] == "red shirt 130"
    assert len(counted.seen) == (1 if kept else 3)


def test_a_service_is_asked_for_each():
    class Service:
        engine = None

        def tag_all(self, texts):
            return [[] for _ in texts]

    assert isinstance(batch_classifier(Classifier(Service(), ())), EachClassifier)
    assert isinstance(batch_classifier(CLASSIFIERS[0]), AlikeClassifier)
