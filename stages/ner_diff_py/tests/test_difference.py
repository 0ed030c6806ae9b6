"""The record of one query: uncovered terms and evidence."""

from hypothesis import given
from hypothesis import strategies as st
from ner_diff_market import product, query, tag

from sq_evidence import ProductText, Vocabulary
from sq_handoff.validate import check_record
from sq_ner_diff.difference import difference

RED = product("red", "Red shirt", category="shirt", colour="red")
BLUE = product("blue", "Blue shirt", category="shirt", colour="blue")
PLAIN = product("plain", "Waterproof shirt", category="shirt")
CONTRARY = product("contrary", "Red shirt", category="shirt", colour="blue")
PRODUCTS = [RED, BLUE, PLAIN, CONTRARY]
VOCABULARY = Vocabulary.of(PRODUCTS, "en")


def compare(asked, products, stop_words=()):
    return difference(asked, asked.tags, [ProductText.of(item, "en") for item in products], VOCABULARY, stop_words)


def red_shirt(text="red shirt", **fields):
    return query("q", text, [tag(text, "COLOUR", "red"), tag(text, "CATEGORY", "shirt")], **fields)


def test_evidence_of_each_tag():
    colour, category = compare(red_shirt(known_match_count=7), PRODUCTS).evidence
    counts = (
        colour.results_matching,
        colour.results_differing,
        colour.results_missing,
        colour.results_conflicting,
    )
    assert counts == (1, 1, 1, 1)
    assert (category.results_matching, category.results_checked) == (4, 4)
    assert (colour.known_match_count, category.known_match_count) == (7, 7)


def test_words_that_no_tag_covers_match_in_any_form():
    found = compare(red_shirt("the red shirts waterproof xyz"), PRODUCTS).uncovered_terms
    terms = [(term.term, term.start, term.end, term.results_containing, term.results_checked) for term in found]
    assert terms == [("waterproof", 15, 25, 1, 4), ("xyz", 26, 29, 0, 4)]


def test_stop_words_of_the_configuration_are_left_out():
    assert not compare(red_shirt("red shirt xyz"), PRODUCTS, ["xyz"]).uncovered_terms


def test_without_results_nothing_is_checked():
    record = compare(red_shirt("red shirt xyz"), [])
    assert [term.results_checked for term in record.uncovered_terms] == [0]
    assert [item.results_checked for item in record.evidence] == [0, 0]


def test_evidence_is_about_the_intent_and_terms_about_the_text_sent():
    intended = [tag("red hemd", "COLOUR", "red", "rot"), tag("red hemd", "CATEGORY", "hemd")]
    sent = [tag("red hemd", "CATEGORY", "hemd")]
    asked = query("q", "red hemd", sent, "de", source_text="red shirt", intended_tags=intended, translated=True)
    record = difference(asked, sent, [], Vocabulary(), ())
    assert [item.tag.value for item in record.evidence] == ["rot", "hemd"]
    assert [change.before.value for change in record.changes] == ["rot"]
    assert [term.term for term in record.uncovered_terms] == ["red"]


WORDS = st.sampled_from(["red", "blue", "shirt", "shoe", "for", "waterproof", ""])
PRODUCT = st.builds(
    lambda words, colour, category: product(
        "p", " ".join(words), category=category, **({"colour": colour} if colour else {})
    ),
    st.lists(WORDS, max_size=4),
    WORDS,
    WORDS,
)


@given(st.lists(PRODUCT, max_size=8))
def test_counts_add_up_for_any_products(products):
    """check_record requires this of every record of the artefact."""
    asked = red_shirt("red shirt waterproof")
    record = difference(
        asked,
        asked.tags,
        [ProductText.of(item, "en") for item in products],
        Vocabulary.of(products, "en"),
    )
    check_record(record)
    assert {item.results_checked for item in [*record.evidence, *record.uncovered_terms]} == {len(products)}
