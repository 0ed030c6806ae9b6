"""Answers of a service are checked against its contract."""

import pytest

from sq.v1.ner_service_pb2 import TaggedText, TagTextsResponse
from sq.v1.tag_pb2 import Tag
from sq_ner.answers import BadAnswer, read_answer


def tag(start, end, surface="", type="COLOUR", value="red"):
    return Tag(type=type, value=value, surface=surface, start=start, end=end)


def answer(*tags):
    return TagTextsResponse(texts=[TaggedText(tags=tags)])


@pytest.mark.parametrize(
    ("tags", "problem"),
    [
        ([tag(0, 3, "red"), tag(2, 9, "d shoes")], "overlaps"),
        ([tag(4, 9, "shoes"), tag(0, 3, "red")], "out of order"),
        ([tag(0, 0)], "outside the text"),
        ([tag(4, 10)], "outside the text"),
        ([tag(0, 3, "Red")], "has 'red' at these offsets; offsets count code points"),
        ([tag(0, 3, "red", type="colour")], "types are upper case"),
        ([tag(0, 3, "red", type="")], "types are upper case"),
        ([tag(0, 3, "red", value=" !")], "a value that contains no word"),
    ],
)
def test_a_bad_tag_is_refused_with_its_text(tags, problem):
    with pytest.raises(BadAnswer, match=problem) as caught:
        read_answer(["red shoes"], answer(*tags), "en")
    assert "red" in str(caught.value)


def test_each_text_has_an_answer():
    with pytest.raises(BadAnswer, match="1 answers for 2 texts"):
        read_answer(["a", "b"], answer(), "en")


def test_offsets_count_code_points():
    (found,) = read_answer(["👟 größe"], answer(tag(2, 7, "größe")), "de")
    assert found[0].surface == "größe"


def test_values_get_their_canonical_form_and_a_surface_left_out_is_filled_in():
    (found,) = read_answer(["running shoes"], answer(tag(8, 13, type="CATEGORY", value="Running-Shoes")), "en")
    assert (found[0].value, found[0].surface) == ("running shoe", "shoes")
