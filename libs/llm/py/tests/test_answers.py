"""Answers that were paid for."""

import asyncio

import pytest

from sq_handoff import Store
from sq_llm import Completion, PaidAnswers, Usage

KEY = "service/ab" + "0" * 62


def completion(content):
    return Completion(content, refusal="", finish_reason="stop", usage=Usage(1, 30, 10, 5))


@pytest.fixture
def store(tmp_path):
    return Store.at(str(tmp_path))


def test_an_answer_is_found_again_by_another_process(store):
    asyncio.run(PaidAnswers(store, "run/uk/0").put(KEY, completion("ä")))
    found = asyncio.run(PaidAnswers(store, "other").get(KEY))
    assert (found.completion, found.buyer) == (completion("ä"), "run/uk/0")


def test_what_was_never_asked_is_not_there(store):
    assert asyncio.run(PaidAnswers(store, "run").get(KEY)) is None


def test_the_first_answer_stays(store):
    answers = PaidAnswers(store, "run")
    asyncio.run(answers.put(KEY, completion("1")))
    asyncio.run(answers.put(KEY, completion("2")))
    assert asyncio.run(answers.get(KEY)).completion == completion("1")
