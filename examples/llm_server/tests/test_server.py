"""Tests of the server, through its clients."""

import http.client
import json
import subprocess
import sys
import time
import urllib.error
import urllib.request

import pytest

from sq_llm_server import Faults, Latency, LlmServer, RateLimits
from sq_llm_server.answers import answer
from sq_llm_server.limits import RateLimiter
from sq_llm_server.server import FAULT_HEADER


def request(name, item, document):
    schema = {"properties": {name: {"items": {"properties": item}}}}
    return {
        "model": "m",
        "messages": [{"role": "system", "content": "s"}, {"role": "user", "content": json.dumps(document)}],
        "response_format": {"type": "json_schema", "json_schema": {"schema": schema}},
    }


JUDGE = request("judgments", {}, {"query": {"text": "red shirt"}, "products": [{"n": 1, "title": "Red hat"}]})


def post(server, body=JUDGE, path="/chat/completions", **headers):
    """(status, document, headers)."""
    sent = urllib.request.Request(server.url + path, json.dumps(body).encode(), headers)
    try:
        with urllib.request.urlopen(sent, timeout=10) as reply:
            return reply.status, json.loads(reply.read()), reply.headers
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read()), error.headers


@pytest.fixture
def server():
    with LlmServer() as started:
        yield started


def test_grades_by_the_words_of_the_title():
    judged = json.loads(answer(JUDGE))["judgments"]
    assert judged == [{"n": 1, "grade": 2, "reasons": [{"code": "TERM_MISSING", "tag_type": "", "value": "shirt"}]}]


def with_pictures(*images):
    text = {"type": "text", "text": JUDGE["messages"][1]["content"]}
    parts = [text, *({"type": "image_url", "image_url": image} for image in images)]
    return JUDGE | {"messages": [JUDGE["messages"][0], {"role": "user", "content": parts}]}


def test_pictures_change_no_answer_and_count_as_tokens(server):
    _, plain, _ = post(server)
    pictures = with_pictures(
        {"url": "https://shop.example/a.jpg", "detail": "low"}, {"url": "data:image/jpeg;base64,AA"}
    )
    status, made, _ = post(server, pictures)
    assert status == 200
    assert made["choices"] == plain["choices"]
    assert made["usage"]["prompt_tokens"] - plain["usage"]["prompt_tokens"] == 2 * 85


@pytest.mark.parametrize("image", [{"url": "a.jpg"}, {"url": "https://a/b", "detail": "huge"}, {}])
def test_what_is_no_picture_is_refused(server, image):
    assert post(server, with_pictures(image))[0] == 400


def test_a_guideline_has_the_words_of_the_query():
    (made,) = json.loads(answer(request("guideline", {}, {"query": {"text": "red shirt"}})))["guideline"]
    assert set(made) == {"wants", "exact", "partial", "irrelevant"}
    assert "red shirt" in made["wants"]


@pytest.mark.parametrize(
    ("item", "queries", "translations"),
    [
        ({}, ["rot", "blau"], ["ROT", "BLAU"]),
        ({"id": {}, "text": {}}, [{"id": 1, "text": "rot"}], [{"id": 1, "text": "ROT"}]),
    ],
)
def test_translates(item, queries, translations):
    asked = request("translations", item, {"queries": queries})
    assert json.loads(answer(asked))["translations"] == translations


def test_equal_requests_have_equal_answers(server):
    assert post(server)[:2] == post(server)[:2]
    assert server.calls[0] == server.calls[1]
    assert server.calls[0]["status"] == 200


@pytest.mark.parametrize("fault", ["429", "500", "401", "400"])
def test_a_fault_by_header(server, fault):
    status, document, headers = post(server, **{FAULT_HEADER: fault})
    assert status == int(fault)
    assert "error" in document
    assert ("retry-after" in headers) == (fault == "429")
    assert server.calls == [{**server.calls[0], "status": int(fault), "fault": fault}]


@pytest.mark.parametrize(
    ("fault", "found"),
    [
        ("garbage", lambda reply: reply["choices"][0]["message"]["content"].startswith("Sure")),
        ("length", lambda reply: reply["choices"][0]["finish_reason"] == "length"),
        ("refusal", lambda reply: reply["choices"][0]["message"]["refusal"]),
        ("choices_null", lambda reply: reply["choices"] is None),
        ("usage_null", lambda reply: reply["usage"] is None),
        ("quota", lambda reply: reply["error"]["code"] == "insufficient_quota"),
    ],
)
def test_a_faulty_answer(server, fault, found):
    assert found(post(server, **{FAULT_HEADER: fault})[1])


def test_a_call_that_is_hung_up_gets_no_answer(server):
    with pytest.raises(http.client.IncompleteRead):
        post(server, **{FAULT_HEADER: "hang_up"})
    assert server.calls[0]["status"] == 0


def test_every_nth_call_fails():
    with LlmServer(faults=Faults.parse(["500:2"])) as server:
        assert [post(server)[0] for _ in range(4)] == [200, 500, 200, 500]


def test_a_share_of_calls_fails_and_the_seed_says_which():
    def drawn(seed):
        faults = Faults.parse(["429:5%", "garbage:1%"], seed=seed)
        return [faults.next() for _ in range(5000)]

    assert drawn(1) == drawn(1) != drawn(2)
    assert 200 < drawn(1).count("429") < 300
    assert 30 < drawn(1).count("garbage") < 75


def test_a_field_that_the_model_does_not_know_is_refused():
    with LlmServer(faults=Faults(refuse=["temperature"])) as server:
        assert post(server)[0] == 200
        status, document, _ = post(server, {**JUDGE, "temperature": 0})
        assert (status, document["error"]["param"]) == (400, "temperature")


def test_what_it_does_not_serve_is_an_error(server):
    assert post(server, path="/models")[0] == 404
    assert post(server, {"messages": [{"content": "no json"}]})[0] == 400


def test_a_call_without_the_key_is_refused():
    with LlmServer(key="sesame") as server:
        assert post(server)[0] == 401
        assert post(server, Authorization="Bearer sesame")[0] == 200


def test_limits_fill_continuously_and_are_stated():
    now = [0.0]
    limiter = RateLimiter(RateLimits(requests=60, tokens=6000), clock=lambda: now[0])
    assert [limiter.admit(50) for _ in range(60)] == [0] * 60
    assert limiter.admit(50) == pytest.approx(1)
    assert limiter.headers() == {
        "x-ratelimit-limit-requests": "60",
        "x-ratelimit-remaining-requests": "0",
        "x-ratelimit-reset-requests": "60000ms",
        "x-ratelimit-limit-tokens": "6000",
        "x-ratelimit-remaining-tokens": "3000",
        "x-ratelimit-reset-tokens": "30000ms",
    }
    now[0] = 2
    assert [limiter.admit(50) for _ in range(3)] == [0, 0, pytest.approx(1)]


def test_a_call_beyond_the_limit_is_refused_with_the_time_to_wait():
    with LlmServer(limits=RateLimits(requests=1)) as server:
        assert post(server)[2]["x-ratelimit-remaining-requests"] == "0"
        status, _, headers = post(server)
        assert status == 429
        assert 50_000 < float(headers["retry-after-ms"]) <= 60_000


def test_waits_are_log_normal_and_equal_for_equal_requests():
    latency = Latency(0.8, 0.5, seed=3)
    waits = sorted(latency.seconds(str(number)) for number in range(2000))
    assert waits[1000] == pytest.approx(0.8, rel=0.1)
    assert sum(waits) / 2000 == pytest.approx(0.907, rel=0.1)
    assert latency.seconds("7") == latency.seconds("7") != Latency(0.8, 0.5, seed=4).seconds("7")
    with LlmServer(latency=Latency(0.1, 0)) as server:
        began = time.monotonic()
        post(server)
        assert time.monotonic() - began >= 0.1


@pytest.mark.parametrize("text", ["oops:1", "500:x", "500:0", "500:2.5", "500:x%"])
def test_unknown_faults_are_refused(text):
    with pytest.raises(ValueError, match="KIND:N"):
        Faults.parse([text])


def test_the_program_prints_its_address_and_logs_calls(tmp_path):
    log = tmp_path / "calls"
    command = [sys.executable, "-m", "sq_llm_server", "--port", "0", "--log", str(log), "--fault", "refusal:1"]
    environment = {"PYTHONPATH": ":".join(sys.path)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        try:
            url = process.stdout.readline().strip()
            body = json.dumps(JUDGE).encode()
            with urllib.request.urlopen(f"{url}/chat/completions", body, timeout=10) as reply:
                assert json.loads(reply.read())["choices"][0]["message"]["refusal"]
            assert [json.loads(line)["fault"] for line in log.read_text().splitlines()] == ["refusal"]
        finally:
            process.kill()
