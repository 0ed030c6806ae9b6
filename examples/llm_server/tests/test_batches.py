"""Files and batches, by the official client."""

import json
import time

import openai
import pytest

from sq_llm_server import BatchFaults, Faults, LlmServer

URL = "/v1/chat/completions"


def line(n, **more):
    message = {"role": "user", "content": json.dumps({"query": {"text": f"red {n}"}, "products": []})}
    return {"custom_id": f"c{n}", "method": "POST", "url": URL, "body": {"model": "m", "messages": [message]}} | more


def jsonl(lines):
    return "".join(json.dumps(each) + "\n" for each in lines).encode()


@pytest.fixture
def serve():
    """Starts a server with faults of batches. Gives it and a client."""
    started = []

    def start(**faults):
        server = LlmServer(key="k", batch_faults=BatchFaults(**faults)).__enter__()
        client = openai.OpenAI(api_key="k", base_url=server.url, max_retries=0)
        started.append((server, client))
        return server, client

    yield start
    for server, client in started:
        client.close()
        server.__exit__()


def submit(client, lines, **more):
    file = client.files.create(file=("in.jsonl", jsonl(lines)), purpose="batch")
    return client.batches.create(input_file_id=file.id, endpoint=URL, completion_window="24h", **more)


def ended(client, batch):
    deadline = time.monotonic() + 10
    while batch.status in ("validating", "in_progress", "finalizing", "cancelling") and time.monotonic() < deadline:
        time.sleep(0.01)
        batch = client.batches.retrieve(batch.id)
    return batch


def read(client, file_id):
    """The lines of a file by custom_id."""
    found = [json.loads(each) for each in client.files.content(file_id).text.splitlines()]
    return {each["custom_id"]: each for each in found}


def test_a_batch_has_the_answers_of_calls(serve):
    server, client = serve()
    batch = ended(client, submit(client, map(line, range(4)), metadata={"name": "mine"}))
    assert (batch.status, batch.request_counts.completed, batch.metadata) == ("completed", 4, {"name": "mine"})
    answers = read(client, batch.output_file_id)
    call = client.chat.completions.create(**line(2)["body"])
    assert answers["c2"]["response"]["status_code"] == 200
    assert answers["c2"]["response"]["body"] == call.model_dump(exclude_unset=True)
    assert [call.get("batch") for call in server.calls] == [batch.id] * 4 + [None]
    assert len({call["request"] for call in server.calls}) == 4


def test_a_file_comes_back_as_it_was_sent(serve):
    _, client = serve()
    data = '{"é": "\\r\\n--"}\r\n\n'.encode() + bytes(range(256))
    file = client.files.create(file=("ä.jsonl", data), purpose="batch")
    assert client.files.content(file.id).content == data
    assert (file.bytes, file.purpose, file.filename) == (len(data), "batch", "ä.jsonl")


def test_batches_are_listed_newest_first_in_pages(serve):
    _, client = serve()
    made = [submit(client, [line(n)]).id for n in range(5)]
    assert [batch.id for batch in client.batches.list(limit=2)] == made[::-1]


@pytest.mark.parametrize(
    ("kind", "status", "answered", "failed"),
    [
        ("expired", "expired", 7, 3),
        ("failed_lines", "completed", 7, 3),
        ("partial", "completed", 7, 0),
    ],
)
def test_faults_of_lines(serve, kind, status, answered, failed):
    server, client = serve(every={kind: 1}, seed=1)
    batch = ended(client, submit(client, map(line, range(10))))
    assert batch.status == status
    assert len(read(client, batch.output_file_id)) == answered
    errors = read(client, batch.error_file_id) if failed else {}
    assert len(errors) == failed
    if kind == "expired":
        assert {error["error"]["code"] for error in errors.values()} == {"batch_expired"}
        assert len(server.calls) == answered
    elif kind == "failed_lines":
        assert {error["response"]["status_code"] for error in errors.values()} == {500}


def test_the_same_seed_hits_the_same_lines():
    assert BatchFaults(seed=4).hit(2, 100) == BatchFaults(seed=4).hit(2, 100)
    assert BatchFaults(seed=4).hit(2, 100) != BatchFaults(seed=5).hit(2, 100)
    assert BatchFaults(seed=4).hit(2, 100) != BatchFaults(seed=4).hit(3, 100)


def test_output_can_be_lost(serve):
    server, client = serve(every={"lost_output": 1})
    batch = ended(client, submit(client, [line(1)]))
    assert (batch.status, len(server.calls)) == ("completed", 1)
    with pytest.raises(openai.NotFoundError):
        client.files.content(batch.output_file_id)


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        ([line(1), line(1)], "duplicate_custom_id"),
        ([line(1, custom_id="x" * 65)], "duplicate_custom_id"),
        ([line(1, url="/v1/embeddings")], "invalid_request"),
        ([{"custom_id": "c"}], "invalid_json_line"),
        ([line(n) for n in range(6)], "file_too_large"),
    ],
)
def test_a_file_that_is_refused(serve, lines, code):
    server, client = serve(max_requests=5)
    batch = ended(client, submit(client, lines))
    assert batch.status == "failed"
    assert batch.errors.data[0].code == code
    assert server.calls == []


def test_a_cancelled_batch_answers_nothing_more(serve):
    server, client = serve(seconds=0.2)
    batch = submit(client, [line(1)])
    client.batches.cancel(batch.id)
    batch = ended(client, batch)
    assert batch.status == "cancelled"
    assert read(client, batch.error_file_id)["c1"]["error"]["code"] == "batch_cancelled"
    assert server.calls == []


def test_calls_need_the_key_and_may_fail(serve):
    server, client = serve()
    with (
        openai.OpenAI(api_key="other", base_url=server.url, max_retries=0) as stranger,
        pytest.raises(openai.AuthenticationError),
    ):
        submit(stranger, [line(1)])
    server.batches.faults.calls = Faults({"500": 1})
    with pytest.raises(openai.InternalServerError):
        submit(client, [line(1)])
    server.batches.faults.calls = Faults()
    with pytest.raises(openai.NotFoundError):
        client.batches.retrieve("batch_9")


def test_a_call_whose_answer_is_lost_did_its_work(serve):
    server, client = serve()
    file = client.files.create(file=("in.jsonl", jsonl([line(1)])), purpose="batch")
    server.batches.faults.calls = Faults({"hang_up": 1})
    with pytest.raises(openai.APIConnectionError):
        client.batches.create(input_file_id=file.id, endpoint=URL, completion_window="24h")
    assert len(server.batches.all) == 1


@pytest.mark.parametrize("tier", ["flex", "auto", None])
def test_an_answer_names_its_tier_to_those_who_ask_for_one(tier):
    with LlmServer() as server, openai.OpenAI(api_key="k", base_url=server.url, max_retries=0) as client:
        answer = client.chat.completions.create(**line(1)["body"], **({"service_tier": tier} if tier else {}))
        assert answer.service_tier == {"flex": "flex", "auto": "default", None: None}[tier]
        server.faults = Faults({"no_flex": 1})
        if tier == "flex":
            with pytest.raises(openai.RateLimitError, match="Resource Unavailable"):
                client.chat.completions.create(**line(1)["body"], service_tier="flex")
        else:
            client.chat.completions.create(**line(1)["body"])
        assert server.calls[-1]["fault"] == ("no_flex" if tier == "flex" else "")


@pytest.mark.parametrize("text", ["strange", "expired:0", "expired:x", "expired:10%"])
def test_faults_that_cannot_be_parsed(text):
    with pytest.raises(ValueError, match="KIND:N"):
        BatchFaults.parse([text])
