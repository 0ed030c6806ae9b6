"""Which entries a market's gazetteer has."""

import pytest

from sq_ner.entries import added_entries, catalogue_entries
from sq_stagekit import InputError
from sq_text import Entry


@pytest.mark.parametrize(
    ("tag_type", "raw", "kept"),
    [
        ("BRAND", "Acme", True),
        ("SIZE", "S", True),
        ("SIZE", "42", True),
        ("BRAND", "The", False),
        ("BRAND", "On The Run", True),
        ("COLOUR", "n/a", False),
        ("COLOUR", "Other", False),
        ("MATERIAL", "true", False),
        ("MATERIAL", "a mixture of cotton and of wool", False),
        ("MATERIAL", "-", False),
    ],
)
def test_what_of_a_catalogue_becomes_an_entry(tag_type, raw, kept):
    entries = list(catalogue_entries([(tag_type, raw)], "en"))
    assert entries == ([Entry(tag_type, raw, raw)] if kept else [])


def test_entries_that_people_add_may_be_for_one_language(tmp_path):
    path = tmp_path / "g.csv"
    path.write_text("type,value,surface,language\nCOLOUR,red,scarlet,en\nCOLOUR,rot,scharlach,de\nBRAND,Next,next,\n")
    assert added_entries(str(path), "en") == [
        Entry("COLOUR", "red", "scarlet", rank=0),
        Entry("BRAND", "Next", "next", rank=0),
    ]


@pytest.mark.parametrize(
    ("text", "field", "problem"),
    [
        ("type,value\nCOLOUR,red\n", "gazetteer_uri", "no column surface; its columns are type, value"),
        ("type,value,surface\ncolour,red,red\n", "g.csv:2", "'colour' is not a tag type"),
        ("type,value,surface\nCOLOUR,red,\n", "g.csv:2", "contains no word"),
    ],
)
def test_a_gazetteer_that_is_not_right_is_refused(tmp_path, text, field, problem):
    path = tmp_path / "g.csv"
    path.write_text(text)
    with pytest.raises(InputError) as caught:
        added_entries(str(path), "en")
    assert caught.value.field.endswith(field)
    assert problem in caught.value.problem
