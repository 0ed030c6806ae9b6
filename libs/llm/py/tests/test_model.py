"""One call for each question: the real client against a local server of the protocol."""

import threading

import openai
import pytest

from sq.v1.source_pb2 import OpenAiEndpoint
from sq_handoff import Store
from sq_llm import Budget, Calls, Limits, PaidAnswers, PaidModel, Usage, connect
from sq_llm_server import Faults, LlmServer
from sq_stagekit import InputError

REQUEST = {"model": "m", "messages": [{"role": "user", "content": '{"queries": []}'}]}


@pytest.fixture
def server():
    with LlmServer() as running:
        yield running


def model(server, folder, buyer="run"):
    client = openai.OpenAI(api_key="k", base_url=server.url, max_retries=0)
    return PaidModel(client, PaidAnswers(Store.at(str(folder)), buyer))


def test_an_answer_is_bought_once_and_counted_in_every_attempt(server, tmp_path):
    first = model(server, tmp_path).ask(REQUEST, may_call=True)
    again = model(server, tmp_path).ask(REQUEST, may_call=False)
    assert first == again
    assert first.used.calls == 1
    assert first.used.tokens > 0
    assert len(server.calls) == 1


def test_what_another_bought_is_free(server, tmp_path):
    bought = model(server, tmp_path, "monday").ask(REQUEST, may_call=True)
    found = model(server, tmp_path, "tuesday").ask(REQUEST, may_call=False)
    assert found.completion == bought.completion
    assert found.used == Usage()


def test_without_room_in_the_budget_nothing_is_asked(server, tmp_path):
    assert model(server, tmp_path).ask(REQUEST, may_call=False) is None
    assert server.calls == []


def test_another_service_is_another_question(server, tmp_path):
    model(server, tmp_path).ask(REQUEST, may_call=True)
    with LlmServer() as other:
        model(other, tmp_path).ask(REQUEST, may_call=True)
        assert len(other.calls) == 1


def test_an_error_is_not_kept(server, tmp_path):
    server.faults = Faults({"500": 1})
    with pytest.raises(openai.InternalServerError):
        model(server, tmp_path).ask(REQUEST, may_call=True)
    server.faults = Faults()
    assert model(server, tmp_path).ask(REQUEST, may_call=False) is None


def test_a_key_is_needed(monkeypatch):
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with pytest.raises(InputError, match=r"openai\.endpoint\.api_key"):
        connect(OpenAiEndpoint(model="m"), "openai.endpoint")


class Asked:
    """A request whose answer says whether it was allowed, and which uses what it estimates."""

    def __init__(self, number):
        self.number = number
        self.estimate = self.used = Usage(calls=1)


def run(calls, count, answer):
    return [(request.number, result) for request, result in calls.each(map(Asked, range(count)), answer)]


def test_answers_come_in_order_whichever_is_ready_first():
    last = threading.Event()

    class Result:
        used = Usage()

    def answer(request, _):
        # The first of four waits for the last one: so they really overlap.
        assert last.wait(10) if request.number == 0 else request.number < 3 or last.set() is None
        return Result()

    calls = Calls(Budget(Limits()), 4, lambda: None)
    assert [number for number, _ in run(calls, 4, answer)] == [0, 1, 2, 3]


@pytest.mark.parametrize("concurrency", [1, 3])
def test_a_budget_ends_at_the_same_request_however_calls_overlap(concurrency):
    allowed = []

    class Result:
        def __init__(self, granted):
            self.granted, self.used = granted, Usage(calls=1) if granted else Usage()

    calls = Calls(Budget(Limits(calls=5)), concurrency, lambda: None)
    allowed = [result.granted for _, result in run(calls, 9, lambda _, granted: Result(granted))]
    assert allowed == [True] * 5 + [False] * 4
