"""Answers that were paid for."""

import pytest

from sq_evaluate.cache import PaidAnswers
from sq_handoff import Store

KEY = "ab" + "0" * 62


@pytest.fixture
def store(tmp_path):
    return Store.at(str(tmp_path))


def test_an_answer_is_found_again_by_another_process(store):
    PaidAnswers(store, "run/uk/0").put(KEY, {"content": "ä"})
    found = PaidAnswers(store, "other").get(KEY)
    assert (found.answer, found.buyer) == ({"content": "ä"}, "run/uk/0")


def test_what_was_never_asked_is_not_there(store):
    assert PaidAnswers(store, "run").get(KEY) is None


def test_the_first_answer_stays(store):
    answers = PaidAnswers(store, "run")
    answers.put(KEY, {"content": "1"})
    answers.put(KEY, {"content": "2"})
    assert answers.get(KEY).answer == {"content": "1"}
