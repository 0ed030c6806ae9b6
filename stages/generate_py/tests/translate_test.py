"""Glossary and protected spans."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sq.v1.tag_pb2 import Tag
from sq_generate.translate.glossary import Glossary
from sq_generate.translate.protect import DroppedPlaceholder, hide, protected_spans, reveal
from sq_generate.translate.translator import Source, Translation
from sq_stagekit import InputError

ROWS = [
    ("shoe", "Schuh"),
    ("shoes", "Schuhe"),
    ("running shoes", "Laufschuhe"),
    ("red", "rot"),
    ("red", "scharlach"),
    ("apple", "Apfel"),
    ("with", ""),
]


@pytest.mark.parametrize(
    ("text", "protected", "expected"),
    [
        ("red shoes", (), "rot schuhe"),
        ("red shoe", (), "rot schuh"),
        ("red running shoes", (), "rot laufschuhe"),
        ("running red shoes", (), "running rot schuhe"),
        ("purple hat", (), "purple hat"),
        ("apple watch", ((0, 5),), "apple watch"),
        ("apple apple", ((6, 11),), "apfel apple"),
        ("red-shoes!", (), "rot-schuhe!"),
        ("apple", ((0, 5),), "apple"),
    ],
)
def test_glossary(text, protected, expected):
    glossary = Glossary([row for row in ROWS if row[1]], "en")
    assert glossary.translate([Source(text, protected)]) == [Translation(expected)]


def test_a_value_is_translated_only_as_a_whole():
    glossary = Glossary([row for row in ROWS if row[1]], "en")
    assert [glossary.value(value) for value in ("red", "red shoe", "running shoe", "hat")] == [
        "rot",
        "",
        "laufschuhe",
        "",
    ]


@pytest.mark.parametrize(
    ("text", "field", "problem"),
    [
        ("from,to\na,b\n", "translation.glossary.uri", "no column source; there are from, to"),
        ("source,target\na,\n", "g.csv:2", "empty"),
        ("source,target\n", "translation.glossary.uri", "contains no phrases"),
    ],
)
def test_a_wrong_glossary_is_refused(tmp_path, text, field, problem):
    (tmp_path / "g.csv").write_text(text)
    with pytest.raises(InputError) as caught:
        Glossary.read(str(tmp_path / "g.csv"), "en")
    assert caught.value.field.endswith(field)
    assert problem in caught.value.problem


@pytest.mark.parametrize(
    ("text", "tags", "surfaces"),
    [
        ("nike shoes", [("BRAND", 0, 4)], ["nike"]),
        ("red shoes", [("COLOUR", 0, 3)], []),
        ("sony wh-1000xm4 headphones", [("BRAND", 0, 4)], ["sony", "wh-1000xm4"]),
        ("ps4 controller", [], ["ps4"]),
        ("2-piece suit size 42", [], []),
        ("levi's501s jeans", [("BRAND", 0, 6)], ["levi's501s"]),
    ],
)
def test_brands_and_models_are_protected(text, tags, surfaces):
    spans = protected_spans(text, [Tag(type=kind, start=start, end=end) for kind, start, end in tags])
    assert [text[start:end] for start, end in spans] == surfaces


@pytest.mark.parametrize("translated", ["schuhe", "[[0]] [[0]]", "[[0]] [[1]]", "[[1]]", "[0]"])
def test_a_lost_placeholder_is_noticed(translated):
    with pytest.raises(DroppedPlaceholder):
        reveal(translated, "nike schuhe", ((0, 4),))


def test_placeholders_may_change_places():
    assert reveal("x [[1]] y [[0]]", "ab cd", ((0, 2), (3, 5))) == "x cd y ab"


@given(st.text(alphabet="ab é👟", max_size=20), st.lists(st.integers(0, 20), max_size=6, unique=True))
def test_hidden_text_comes_back(text, cuts):
    cuts = sorted(cut for cut in cuts if cut <= len(text))
    spans = tuple(zip(cuts[::2], cuts[1::2], strict=False))
    assert reveal(hide(text, spans), text, spans) == text
