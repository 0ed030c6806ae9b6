"""Escapes in queries."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sq_text import normalise, query_form


@pytest.mark.parametrize(
    ("typed", "form"),
    [
        ("black &amp; decker", "black & decker"),
        ("M&amp;amp;M", "m&m"),
        ("5&quot; pipe", '5" pipe'),
        ("5&#34; x 3&#x27;", "5\" x 3'"),
        ("levi%27s", "levi's"),
        ("B%C3%BCro", "büro"),
        ("%26quot%3Bquoted%26quot%3B", '"quoted"'),
        ("caf&eacute;&nbsp;cup", "café cup"),
        # These are no escapes.
        ("at&t", "at&t"),
        ("b&q; x", "b&q; x"),
        ("50% off", "50% off"),
        ("20%de descuento", "20%de descuento"),
        ("100%", "100%"),
        ("%00", "%00"),
        ("&unknown;", "&unknown;"),
        ("salt&pepper", "salt&pepper"),
    ],
)
def test_escapes_are_undone(typed, form):
    assert query_form(typed) == form


@given(st.text(st.sampled_from("a%&;2763amp#xquot ABCD\u202b")) | st.text())
def test_the_form_is_normal_and_stays(text):
    form = query_form(text)
    assert query_form(form) == form == normalise(form)


@given(st.text().filter(lambda text: "&" not in text and "%" not in text))
def test_a_text_without_escapes_has_its_normal_form(text):
    assert query_form(text) == normalise(text)


@pytest.mark.parametrize("code", [0x200E, 0x200F, 0x202A, 0x202B, 0x202C, 0x202E, 0x2066, 0x2069, 0x061C, 0x2061])
def test_marks_of_direction_are_left_out(code):
    assert normalise(f"{chr(code)}נעל{chr(code)} red{chr(code)}") == "נעל red"


@pytest.mark.parametrize("text", ["می\u200cخواهم", "क्\u200dष"])
def test_joiners_stay(text):
    assert normalise(text) == text
