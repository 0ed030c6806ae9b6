"""Tests of the server, through its clients."""

import json
import subprocess
import sys
import urllib.error
import urllib.request

import pytest

from sq_llm_server import Faults, LlmServer
from sq_llm_server.answers import answer
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
    """(status, document, Retry-After)."""
    sent = urllib.request.Request(server.url + path, json.dumps(body).encode(), headers)
    try:
        with urllib.request.urlopen(sent, timeout=10) as reply:
            return reply.status, json.loads(reply.read()), None
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read()), error.headers["Retry-After"]


@pytest.fixture
def server():
    with LlmServer() as started:
        yield started


def test_grades_by_the_words_of_the_title():
    judged = json.loads(answer(JUDGE))["judgments"]
    assert judged == [{"n": 1, "grade": 2, "reasons": [{"code": "TERM_MISSING", "tag_type": "", "value": "shirt"}]}]


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
    assert post(server) == post(server)
    assert server.calls[0] == server.calls[1]
    assert server.calls[0]["status"] == 200


@pytest.mark.parametrize("fault", ["429", "500", "401", "400"])
def test_a_fault_by_header(server, fault):
    status, document, after = post(server, **{FAULT_HEADER: fault})
    assert status == int(fault)
    assert "error" in document
    assert (after is not None) == (fault == "429")
    assert server.calls == [{**server.calls[0], "status": int(fault), "fault": fault}]


def test_every_nth_call_fails():
    with LlmServer(faults=Faults.parse(["500:2"])) as server:
        assert [post(server)[0] for _ in range(4)] == [200, 500, 200, 500]


def test_what_it_does_not_serve_is_an_error(server):
    assert post(server, path="/models")[0] == 404
    assert post(server, {"messages": [{"content": "no json"}]})[0] == 400


def test_a_call_without_the_key_is_refused():
    with LlmServer(key="sesame") as server:
        assert post(server)[0] == 401
        assert post(server, Authorization="Bearer sesame")[0] == 200


@pytest.mark.parametrize("text", ["oops:1", "500:x", "500:0"])
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
