"""One call for each question, and what failed calls lead to."""

import re

import pytest
from asking import FORM, SIZE, ask, endpoint, model

from sq_llm import CallFailed, Scope, Usage
from sq_llm_server import Faults, LlmServer, Raw
from sq_stagekit import InputError


@pytest.fixture(autouse=True)
def key(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "k-secret")


@pytest.fixture
def server():
    with LlmServer() as running:
        yield running


def error(status, message, code=None, param=None):
    return Raw({"error": {"message": message, "type": "invalid_request_error", "code": code, "param": param}}, status)


def completion(content, finish_reason="stop", **usage):
    choice = {"index": 0, "message": {"role": "assistant", "content": content}, "finish_reason": finish_reason}
    return {"id": "c", "object": "chat.completion", "created": 0, "model": "m", "choices": [choice], **usage}


def test_an_answer_is_bought_once_and_counted_in_every_attempt(server, tmp_path):
    first = ask(model(server, tmp_path))
    assert ask(model(server, tmp_path), may_call=False) == first
    assert first.used.calls == 1
    assert first.used.tokens > 0
    assert len(server.calls) == 1


def test_what_another_bought_is_free(server, tmp_path):
    bought = ask(model(server, tmp_path, "monday"))
    found = ask(model(server, tmp_path, "tuesday"), may_call=False)
    assert found.completion == bought.completion
    assert found.used == Usage()


def test_without_room_in_the_budget_nothing_is_asked(server, tmp_path):
    assert ask(model(server, tmp_path), may_call=False) is None
    assert server.calls == []


def test_another_service_is_another_question(server, tmp_path):
    ask(model(server, tmp_path))
    with LlmServer() as other:
        ask(model(other, tmp_path))
        assert len(other.calls) == 1


def test_an_error_is_not_kept(server, tmp_path):
    server.faults = Faults({"500": 1})
    with pytest.raises(CallFailed):
        ask(model(server, tmp_path, max_retries=0))
    server.faults = Faults()
    assert ask(model(server, tmp_path), may_call=False) is None


def test_a_key_is_needed(monkeypatch, server):
    monkeypatch.delenv("OPENAI_API_KEY")
    with pytest.raises(InputError, match=r"judge\.api_key"):
        endpoint(server)


def test_only_what_is_configured_is_sent(server):
    plain = endpoint(server).request("i", "d", FORM)
    assert set(plain) == {"model", "messages", "response_format", "max_completion_tokens"}
    given = {"temperature": 0, "seed": 7, "reasoning_effort": "low", "max_output_tokens": 500}
    changed = endpoint(
        server,
        **given,
        output_limit_field="OUTPUT_LIMIT_FIELD_MAX_TOKENS",
        structured_output="STRUCTURED_OUTPUT_TEXT",
        extra={"service_tier": "flex", "top_k": 5},
    ).request("i", "d", FORM)
    assert (changed["temperature"], changed["seed"], changed["reasoning_effort"]) == (0, 7, "low")
    assert changed["max_tokens"] == 500
    assert changed["extra_body"] == {"service_tier": "flex", "top_k": 5}
    assert type(changed["extra_body"]["top_k"]) is int
    assert "response_format" not in changed
    assert '"additionalProperties": false' in changed["messages"][0]["content"]


def test_fields_that_sq_sets_are_refused_in_extra(server):
    with pytest.raises(InputError, match=r"judge\.extra\.messages"):
        endpoint(server, extra={"messages": []})


class TestFailures:
    @pytest.mark.parametrize(
        ("answer", "scope", "says"),
        [
            (error(401, "Incorrect API key provided: k-secret", "invalid_api_key"), Scope.ALL, "(the key)"),
            (error(403, "no access"), Scope.ALL, "no access"),
            (error(404, "The model `m` does not exist", "model_not_found"), Scope.ALL, "does not exist"),
            (error(429, "You exceeded your current quota", "insufficient_quota"), Scope.ALL, "exceeded your current"),
            (error(402, "Insufficient Balance"), Scope.ALL, "Insufficient Balance"),
            (error(429, "Rate limit reached", "rate_limit_exceeded"), Scope.PASSING, "rate_limit_exceeded"),
            (error(503, "overloaded"), Scope.PASSING, "overloaded"),
            (error(400, "flagged", "content_filter"), Scope.CALL, "content_filter"),
            (error(400, "too long", "context_length_exceeded"), Scope.CALL, "too long"),
            (error(400, "strange"), Scope.CALL, "strange"),
            (
                Raw({"choices": None, "error": {"message": "upstream busy", "code": 502}}),
                Scope.PASSING,
                "upstream busy",
            ),
            (Raw({"error": {"message": "no credit", "code": 402}}), Scope.ALL, "no credit"),
            (Raw({"choices": []}), Scope.CALL, "not a chat completion"),
            (Raw({"choices": None}), Scope.CALL, "not a chat completion"),
            (Raw(b"<html>Sign in</html>", content_type="text/html"), Scope.CALL, "<html>Sign in"),
        ],
    )
    def test_have_a_scope_and_the_words_of_the_service(self, server, tmp_path, answer, scope, says):
        server.answer = lambda _: answer
        expected = InputError if scope is Scope.ALL else CallFailed
        with pytest.raises(expected, match=re.escape(says)) as caught:
            ask(model(server, tmp_path, max_retries=2))
        # What is no answer at all is asked for twice more.
        page = scope is Scope.CALL and answer.status == 200
        assert len(server.calls) == (3 if scope is Scope.PASSING else 1 + 2 * page)
        if scope is not Scope.ALL:
            assert caught.value.failure.scope is scope
            assert caught.value.used.calls == len(server.calls)

    @pytest.mark.parametrize(
        ("param", "told"),
        [
            ("temperature", "judge.temperature"),
            ("response_format", "judge.structured_output"),
            ("max_completion_tokens", "judge.output_limit_field"),
            ("reasoning_effort", "judge.reasoning_effort"),
            ("seed", "judge.seed"),
            ("service_tier", "judge.extra"),
        ],
    )
    @pytest.mark.parametrize("named", [True, False])
    def test_name_the_setting_of_a_field_that_is_refused(self, server, tmp_path, param, told, named):
        message = f"Unsupported value: '{param}' is not supported with this model."
        server.answer = lambda _: error(400, message, "unsupported_value", param if named else None)
        with pytest.raises(InputError) as caught:
            ask(model(server, tmp_path, extra={"service_tier": "flex"}))
        assert told in caught.value.fix

    def test_that_pass_are_retried_as_the_service_asks(self, server, tmp_path):
        waited = []

        async def wait(seconds):
            waited.append(seconds)

        answers = iter(
            [
                Raw({}, 429, headers={"retry-after-ms": "250"}),
                Raw({}, 429, headers={"retry-after": "7"}),
                Raw({}, 503, headers={"retry-after": "Thu, 26 Nov 2026 00:00:00 GMT"}),
                Raw(completion("{}")),
            ]
        )
        server.answer = lambda _: next(answers)
        paid = ask(model(server, tmp_path, wait=wait))
        assert waited[:2] == [0.25, 7]
        assert 1.5 <= waited[2] <= 2
        assert paid.used.calls == 4

    def test_a_connection_that_is_refused_costs_no_tokens(self, server, tmp_path):
        with pytest.raises(CallFailed, match="no connection: .*Connect call failed") as caught:
            ask(model(server, tmp_path, max_retries=1, base_url="http://127.0.0.1:9/v1"))
        assert caught.value.used == Usage(calls=2)

    def test_a_timeout_counts_as_paid(self, server, tmp_path):
        server.faults = Faults({"slow": 1}, slow_seconds=2)
        with pytest.raises(CallFailed, match="timeout") as caught:
            ask(model(server, tmp_path, max_retries=1, timeout_seconds=0.2))
        assert caught.value.used == SIZE.estimate + SIZE.estimate


class TestUsage:
    @pytest.mark.parametrize(
        ("usage", "expected"),
        [
            (None, (100, 0, 40)),
            ({}, (100, 0, 40)),
            ({"prompt_tokens": None, "completion_tokens": 9}, (100, 0, 9)),
            ({"prompt_tokens": 30, "completion_tokens": None, "total_tokens": None}, (30, 0, 40)),
            ({"prompt_tokens": 30, "completion_tokens": 9, "prompt_tokens_details": None}, (30, 0, 9)),
            (
                {"prompt_tokens": 30, "completion_tokens": 9, "prompt_tokens_details": {"cached_tokens": 20}},
                (30, 20, 9),
            ),
            # Reasoning that is only in the total.
            ({"prompt_tokens": 30, "completion_tokens": 9, "total_tokens": 139}, (30, 0, 109)),
            ({"prompt_tokens": -1, "completion_tokens": "9"}, (100, 0, 40)),
        ],
    )
    def test_that_is_missing_is_estimated(self, server, tmp_path, usage, expected):
        server.answer = lambda _: Raw(completion("{}", usage=usage))
        used = ask(model(server, tmp_path)).used
        assert (used.input_tokens, used.cached_tokens, used.output_tokens) == expected
        assert ask(model(server, tmp_path), may_call=False).used == used

    def test_half_a_surrogate_pair_becomes_valid_text(self, server, tmp_path):
        server.answer = lambda _: Raw(b'{"choices": [{"message": {"content": "a\\ud83d"}, "finish_reason": "stop"}]}')
        assert ask(model(server, tmp_path)).completion.content == "a?"
        assert ask(model(server, tmp_path), may_call=False).completion.content == "a?"
