"""Normal form, tokens, lemmas and stop words."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sq_text import canonical, content_tokens, lemma, normalise, stop_words, terms, tokenise

LANGUAGES = st.sampled_from(["en", "de", "fr", "it", "no", "ja", "xx"])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("  Red\t SHOES \n", "red shoes"),
        ("cafe\u0301", "café"),
        ("STRASSE straße", "strasse straße"),
        ("soft\u00adhyphen zero\u200bwidth \ufeffmark", "softhyphen zerowidth mark"),
        ("a\u00a0b\u3000c", "a b c"),
        ("nul\x00l", "null"),
        ("İ", "i\u0307"),
        ("", ""),
        (" \t", ""),
    ],
)
def test_normalise(text, expected):
    assert normalise(text) == expected


@given(st.text())
def test_normalise_is_idempotent_and_leaves_one_spelling(text):
    once = normalise(text)
    assert normalise(once) == once
    assert unicodedata.is_normalized("NFC", once)
    assert once == once.strip() and "  " not in once


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("red shoes", ["red", "shoes"]),
        ("T-Shirt", ["T", "Shirt"]),
        ("levi's 501®", ["levi's", "501"]),
        ("men’s", ["men’s"]),
        ("'quoted'", ["quoted"]),
        ("2.5 mm, 3,5 kg", ["2.5", "mm", "3,5", "kg"]),
        ('55" tv', ["55", "tv"]),
        ("h&m", ["h", "m"]),
        ("snake_case", ["snake", "case"]),
        ("जूते काले", ["जूते", "काले"]),
        ("!?", []),
    ],
)
def test_tokenise(text, expected):
    assert [token.text for token in tokenise(text)] == expected


@given(st.text())
def test_tokens_have_the_positions_they_name(text):
    end = 0
    for token in tokenise(text):
        assert text[token.start : token.end] == token.text != ""
        assert token.start >= end
        end = token.end


@pytest.mark.parametrize(
    ("word", "language", "expected"),
    [
        ("shirts", "en", "shirt"),
        ("Dresses", "en", "dress"),
        ("levi's", "en", "levi"),
        ("Men’s", "en", "man"),
        ("womens", "en", "woman"),
        ("wedding", "en", "wedding"),
        ("earrings", "en", "earring"),
        ("m", "en", "m"),
        ("xs", "en", "xs"),
        ("asics", "en", "asics"),
        ("42", "en", "42"),
        ("röcke", "de", "rock"),
        ("rock", "de", "rock"),
        ("stiefel", "de", "stiefel"),
        ("socken", "de", "socke"),
        ("leder", "de", "leder"),
        ("rotes", "de", "rot"),
        ("Schuhe", "de", "schuh"),
        ("chaussures", "fr", "chaussure"),
        ("くつ", "ja", "くつ"),
    ],
)
def test_lemma(word, language, expected):
    assert lemma(word, language) == expected


@given(
    st.one_of(st.text(max_size=12), st.sampled_from(["glasses", "levis", "left", "best", "kleider", "wolle"])),
    LANGUAGES,
)
def test_lemma_is_idempotent(word, language):
    once = lemma(word, language)
    assert lemma(once, language) == once


@given(st.text(max_size=40), LANGUAGES)
def test_canonical_is_idempotent(text, language):
    once = canonical(text, language)
    assert canonical(once, language) == once
    assert terms(text, language) == set(once.split())


@pytest.mark.parametrize(
    ("language", "inside", "outside"),
    [
        ("en", ["for", "with", "the"], ["ring", "tv", "small", "mug", "men"]),
        ("de", ["für", "mit", "und"], ["schuhe", "rot"]),
        ("no", ["og"], ["sko"]),
        ("xx", [], ["the"]),
    ],
)
def test_stop_words(language, inside, outside):
    assert stop_words(language).issuperset(inside)
    assert stop_words(language).isdisjoint(outside)


def test_content_tokens_leave_stop_words_out():
    tokens = content_tokens("The shoes for men", "en", stop_words("en") | {"man"})
    assert [(token.text, token.start) for token in tokens] == [("shoes", 4)]
