"""JSON in what models write."""

import json

import pytest

from sq_llm import read_objects

ITEMS = [{"n": 1, "grade": 4}, {"n": 2, "grade": 0}]
WHOLE = json.dumps({"judgments": ITEMS})


@pytest.mark.parametrize(
    "text",
    [
        WHOLE,
        f"```json\n{WHOLE}\n```",
        f"Here are the grades:\n\n{WHOLE}\n\nLet me know!",
        f'<think>The first {{is}} a match. {{"judgments": []}}</think>\n{WHOLE}',
        f'{{"note": "first"}} {WHOLE}',
        json.dumps({"judgments": ITEMS, "more": {"judgments": []}}),
        json.dumps({"judgments": [*ITEMS, "x", None]}),
        # Cut off inside the third object.
        WHOLE.removesuffix("]}") + ', {"n": 3, "gr',
        f"```json\n{WHOLE.removesuffix(']}')}, ",
    ],
)
def test_whole_objects_are_found(text):
    assert read_objects(text, "judgments") == ITEMS


@pytest.mark.parametrize(
    "text",
    ["", "4, 4, 4", "null", "[]", '{"judgments": 3}', "{" * 100_000, "[" * 100_000, '{"judgments": ' + "[" * 100_000],
)
def test_an_answer_of_another_form_gives_none(text):
    assert read_objects(text, "judgments") == []


def test_half_a_surrogate_pair_becomes_valid_text():
    assert read_objects('{"judgments": [{"value": "\\ud83d"}]}', "judgments") == [{"value": "?"}]
