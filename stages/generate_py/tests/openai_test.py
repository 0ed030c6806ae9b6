"""Translation by a model: the real client against a local server of the protocol."""

import json

import pytest
from google.protobuf import json_format

from sq.v1.generate_config_pb2 import OpenAiTranslation
from sq.v1.query_pb2 import (
    QUERY_FAILURE_REASON_BUDGET,
    QUERY_FAILURE_REASON_TRANSLATION_INVALID,
    QUERY_FAILURE_REASON_TRANSLATION_UNAVAILABLE,
)
from sq_generate.translate.openai_translator import OpenAiTranslator, Surroundings
from sq_generate.translate.translator import Failed, Source, Translation
from sq_llm import PaidAnswers, place_at
from sq_llm_server import Faults, LlmServer, Raw, completion
from sq_stagekit import InputError, TryAgainError
from sq_stagekit.errors import Stopped

SOURCES = [Source(f"query {number}") for number in range(10)]


@pytest.fixture(autouse=True)
def key(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "k")


@pytest.fixture
def server():
    with LlmServer() as running:
        yield running


@pytest.fixture
def answers(tmp_path):
    return place_at(str(tmp_path / "answers"))


def translator(server, answers, buyer="run", check_stop=lambda: None, endpoint=None, **config):
    message = json_format.ParseDict(
        {"endpoint": {"model": "m", "base_url": server.url, "max_retries": 2, **(endpoint or {})}, **config},
        OpenAiTranslation(),
    )
    surroundings = Surroundings(PaidAnswers(answers, buyer), check_stop, lambda *_: None, lambda _: None)
    return OpenAiTranslator(message, "en", "de", surroundings)


def answer_with(server, rule):
    """Makes the server answer each query with rule(text, instructions)."""

    def answer(request):
        instructions, document = request["messages"][0]["content"], json.loads(request["messages"][1]["content"])
        texts = [(query["id"], rule(query["text"], instructions)) for query in document["queries"]]
        return json.dumps({"translations": [{"id": id_, "text": text} for id_, text in texts if text is not None]})

    server.answer = answer


def requests(server):
    return [call["request"] for call in server.calls]


def reasons(outcomes):
    return [outcome.reason if isinstance(outcome, Failed) else 0 for outcome in outcomes]


def test_each_query_gets_its_translation(server, answers):
    answer_with(server, lambda text, _: f" {text.upper()} x ")
    outcomes = translator(server, answers, batch_size=3).translate(SOURCES)
    assert outcomes == [Translation(f"{source.text} x") for source in SOURCES]
    assert len(server.calls) == 4


def test_what_is_asked(server, answers):
    seen = []
    server.answer = lambda request: seen.append(request) or "{}"
    translator(server, answers, endpoint={"seed": 7}).translate([Source("nike red ps4", ((0, 4), (9, 12)))])
    assert json.loads(seen[0]["messages"][1]["content"]) == {"queries": [{"id": 0, "text": "[[0]] red [[1]]"}]}
    assert '"en"' in seen[0]["messages"][0]["content"]
    assert '"de"' in seen[0]["messages"][0]["content"]
    assert (seen[0]["model"], seen[0]["seed"]) == ("m", 7)
    assert seen[0]["response_format"]["json_schema"]["strict"] is True


def test_protected_spans_come_back_as_they_were(server, answers):
    answer_with(server, lambda text, _: f"Rote Schuhe von {text.split()[0]}")
    outcomes = translator(server, answers).translate([Source("h&m red shoes", ((0, 3),))])
    assert outcomes == [Translation("rote schuhe von h&m")]


def test_a_query_with_a_dropped_placeholder_is_asked_once_more(server, answers):
    answer_with(server, lambda text, instructions: text if "earlier answer" in instructions else "schuhe")
    outcomes = translator(server, answers).translate([Source("nike shoes", ((0, 4),)), Source("shoes")])
    assert outcomes == [Translation("nike shoes"), Translation("schuhe")]
    assert len(server.calls) == 2


def test_a_placeholder_dropped_twice_is_a_failure(server, answers):
    answer_with(server, lambda text, _: "schuhe")
    outcomes = translator(server, answers).translate([Source("nike shoes", ((0, 4),)), Source("shoes")])
    assert outcomes[1] == Translation("schuhe")
    assert outcomes[0].reason == QUERY_FAILURE_REASON_TRANSLATION_INVALID
    assert "brand or model" in outcomes[0].detail


@pytest.mark.parametrize(
    ("rule", "detail"),
    [(lambda text, _: None, "0 translations"), (lambda text, _: " \n", "empty")],
)
def test_an_answer_without_a_translation_is_a_failure(monkeypatch, server, answers, rule, detail):
    answer_with(server, rule)
    (outcome,) = translator(server, answers).translate([Source("shoes")])
    assert outcome.reason == QUERY_FAILURE_REASON_TRANSLATION_INVALID
    assert detail in outcome.detail


@pytest.mark.parametrize("fault", ["garbage", "refusal"])
def test_a_malformed_answer_is_a_failure_and_is_paid_once(server, answers, fault):
    server.faults = Faults({fault: 1})
    first = translator(server, answers).translate(SOURCES)
    assert reasons(first) == [QUERY_FAILURE_REASON_TRANSLATION_INVALID] * len(SOURCES)
    paid = len(server.calls)
    assert paid == 2
    assert translator(server, answers).translate(SOURCES) == first
    assert len(server.calls) == paid


def test_an_answer_that_was_cut_off_is_finished_in_smaller_batches(server, answers):
    whole = server.answer

    def half_of_a_batch(request):
        content = whole(request)
        if len(json.loads(content)["translations"]) == 1:
            return content
        return Raw(completion(request, content[: len(content) // 2], finish_reason="length"))

    server.answer = half_of_a_batch
    outcomes = translator(server, answers, batch_size=4, concurrency=1).translate(SOURCES)
    assert reasons(outcomes) == [0] * len(SOURCES)


def test_a_rate_limit_is_waited_for(server, answers):
    server.faults = Faults({"429": 2}, retry_after_seconds=0.01)
    outcomes = translator(server, answers, batch_size=2, concurrency=1).translate(SOURCES)
    assert reasons(outcomes) == [0] * len(SOURCES)
    assert [call["status"] for call in server.calls] == [200, 429, 200, 429, 200, 429, 200, 429, 200]


@pytest.mark.parametrize("fault", ["500", "hang_up", "429"])
def test_a_service_that_never_answers_is_tried_again_later(server, answers, fault):
    server.faults = Faults({fault: 1}, retry_after_seconds=0.01)
    with pytest.raises(TryAgainError, match="translation.openai"):
        translator(server, answers, endpoint={"max_retries": 0}).translate(SOURCES)


def test_queries_of_calls_without_an_answer_are_failures(server, answers):
    server.faults = Faults({"500": 2})
    config = {"batch_size": 1, "concurrency": 1, "endpoint": {"max_retries": 0}}
    outcomes = translator(server, answers, **config).translate(SOURCES)
    assert reasons(outcomes) == [0, QUERY_FAILURE_REASON_TRANSLATION_UNAVAILABLE] * 5


@pytest.mark.parametrize(
    ("fault", "field"), [("401", "translation.openai.endpoint.api_key"), ("400", "translation.openai.endpoint")]
)
def test_a_refused_key_or_request_is_never_tried_again(server, answers, fault, field):
    server.faults = Faults({fault: 1})
    with pytest.raises(InputError) as caught:
        translator(server, answers).translate(SOURCES)
    assert caught.value.field == field


def test_no_key(monkeypatch, server, answers):
    monkeypatch.delenv("OPENAI_API_KEY")
    with pytest.raises(InputError, match="OPENAI_API_KEY"):
        translator(server, answers)


def test_a_second_run_pays_nothing(server, answers):
    first = translator(server, answers, batch_size=2).translate(SOURCES)
    assert translator(server, answers, batch_size=2).translate(SOURCES) == first
    assert len(server.calls) == 5


def test_a_stop_keeps_what_was_paid_and_the_next_attempt_goes_on(server, answers):
    looks = []

    def stop_at_third():
        looks.append(1)
        if len(looks) == 3:
            raise Stopped

    with pytest.raises(Stopped):
        translator(server, answers, check_stop=stop_at_third, batch_size=1, concurrency=1).translate(SOURCES)
    paid = len(server.calls)
    assert 0 < paid < len(SOURCES)
    outcomes = translator(server, answers, batch_size=1, concurrency=1).translate(SOURCES)
    assert reasons(outcomes) == [0] * len(SOURCES)
    assert len(requests(server)) == len(set(requests(server))) == len(SOURCES)


@pytest.mark.parametrize("concurrency", [1, 4])
@pytest.mark.parametrize(
    ("budget", "endpoint"),
    [
        ({"max_calls": "3"}, {}),
        ({"max_tokens": "1000"}, {}),
        ({"max_usd": 0.001}, {"price": {"input": 2, "output": 4}}),
    ],
)
def test_a_budget_ends_at_the_same_query_in_every_run(tmp_path, server, concurrency, budget, endpoint):
    def run(name, faults):
        server.faults = faults
        kept = place_at(str(tmp_path / name))
        config = {"batch_size": 1, "concurrency": concurrency, "budget": budget, "endpoint": endpoint}
        return translator(server, kept, **config).translate(SOURCES)

    quick = run("a", Faults())
    made = reasons(quick).count(0)
    assert 0 < made < len(SOURCES)
    assert reasons(quick) == [0] * made + [QUERY_FAILURE_REASON_BUDGET] * (len(SOURCES) - made)
    if "max_calls" in budget:
        assert made == len(server.calls) == 3
    # Slow calls overlap in another way. A second attempt of the same run finds its answers and ends there too.
    assert run("b", Faults({"slow": 2}, slow_seconds=0.05)) == quick
    calls = len(server.calls)
    assert run("a", Faults()) == quick
    assert len(server.calls) == calls


def test_answers_of_an_earlier_run_are_free(server, answers):
    budget = {"budget": {"max_calls": "4"}, "batch_size": 1, "concurrency": 2}
    assert reasons(translator(server, answers, "monday", **budget).translate(SOURCES)).count(0) == 4
    assert reasons(translator(server, answers, "tuesday", **budget).translate(SOURCES)).count(0) == 8
    assert reasons(translator(server, answers, "wednesday", **budget).translate(SOURCES)).count(0) == 10
    assert len(server.calls) == 10


def test_a_limit_in_dollars_needs_a_price(server, answers):
    with pytest.raises(InputError) as caught:
        translator(server, answers, budget={"max_usd": 1.0})
    assert caught.value.field == "translation.openai.budget.max_usd"
