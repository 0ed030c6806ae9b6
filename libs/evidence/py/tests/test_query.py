"""What a query asks for besides its tags."""

import pytest

from sq.v1.query_pb2 import Query
from sq.v1.tag_pb2 import Tag
from sq_evidence import intended_tags, meant_words, uncovered


def tag(text, surface, kind="COLOUR"):
    start = text.index(surface)
    return Tag(type=kind, value=surface, surface=surface, start=start, end=start + len(surface))


@pytest.mark.parametrize(
    ("text", "covered", "left"),
    [
        ("red shirt", ["red"], ["shirt"]),
        ("a shirt for me", [], ["shirt"]),
        ("navy blue shirt", ["navy blue"], ["shirt"]),
        ("t-shirt", ["t-shirt"], []),
        ("", [], []),
        ("größe 42 ärmel", ["größe 42"], ["ärmel"]),
    ],
)
def test_uncovered(text, covered, left):
    found = uncovered(text, [tag(text, surface) for surface in covered], "en")
    assert [token.text for token in found] == left


def translated(source, source_covered, text, covered):
    return Query(
        source_text=source,
        source_language="en",
        text=text,
        language="de",
        source_tags=[tag(source, surface) for surface in source_covered],
        tags=[tag(text, surface) for surface in covered],
        translated=True,
    )


@pytest.mark.parametrize(
    ("query", "words"),
    [
        # The tag was lost. Its word is still in the text, but it is not another word that was asked for.
        (translated("navy shirt", ["navy", "shirt"], "navy hemd", ["hemd"]), []),
        (translated("navy silk shirt", ["navy", "shirt"], "navy outdoor hemd", ["hemd"]), ["outdoor"]),
        (translated("silk shirt", ["shirt"], "outdoor hemd", ["hemd"]), ["outdoor"]),
        (Query(text="red shirts", language="en", tags=[tag("red shirts", "red")]), ["shirt"]),
    ],
)
def test_meant_words(query, words):
    assert meant_words(query) == words


def meant(query, text, *tags):
    query.meant_text = text
    query.intended_tags.extend(tags)
    return query


@pytest.mark.parametrize(
    ("query", "words"),
    [
        # A typing error hid a tag. The meant text has it, so its word is not asked for twice.
        (
            meant(
                Query(text="red shrit outdoor", language="en", tags=[tag("red shrit", "red")]),
                "red shirts outdoor",
                tag("red shirts", "red"),
                Tag(type="CATEGORY", value="shirt", surface="shirts"),
            ),
            ["outdoor"],
        ),
        # The words of the text itself are asked for no more.
        (meant(Query(text="cheap couches", language="en"), "sofas"), ["sofa"]),
        (meant(Query(text="cheap couch for me", language="en"), "sofa for me"), ["sofa"]),
        # Tags of the text stand in where the meant text has none.
        (meant(Query(text="red shrit", language="en", tags=[tag("red shrit", "red")]), "red shirt"), ["shirt"]),
        # Offsets of a translated query's tags are those of its source text.
        (
            meant(
                translated("cheap outdoor shirt", ["shirt"], "günstig outdoor hemd", ["hemd"]),
                "outdoor hemd",
                Tag(type="CATEGORY", value="hemd", surface="shirt", start=14, end=19),
            ),
            ["outdoor"],
        ),
        (
            meant(
                translated("navy shirt", ["navy", "shirt"], "navi hemd", ["hemd"]),
                "navy hemd",
                Tag(type="COLOUR", value="marine", surface="navy"),
                Tag(type="CATEGORY", value="hemd", surface="shirt"),
            ),
            [],
        ),
    ],
)
def test_meant_words_are_those_of_the_meant_text(query, words):
    assert meant_words(query) == words


def test_tags_stand_in_where_no_intention_is_recorded():
    query = Query(tags=[tag("red", "red")])
    assert [item.value for item in intended_tags(query)] == ["red"]
