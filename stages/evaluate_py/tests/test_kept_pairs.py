"""Pairs that other runs paid for are free one by one, whatever they were packed with."""

import hashlib
import json
import shutil
import sqlite3

import pytest
from evaluate_market import Market, product, query, query_set, retrieval, verdicts
from redis_server import redis_server

from sq_llm_server import Faults, LlmServer, Raw, completion

QUERIES = [query(f"red shirt {n}") for n in range(10)]
PACKING = 3


def by_what_stands_beside(request):
    """Grades each product by its whole batch. No real model is that sensitive."""
    asked = json.loads(request["messages"][-1]["content"])
    beside = json.dumps(asked["products"])
    judgments = []
    for item in asked["products"]:
        grade = hashlib.sha256(f"{asked['query']['text']} {item['n']} {beside}".encode()).digest()[0] % 5
        reasons = [{"code": "TERM_MISSING", "tag_type": "", "value": "ä"}] if grade < 4 else []
        judgments.append({"n": item["n"], "grade": grade, "reasons": reasons})
    return json.dumps({"judgments": judgments})


class Server(LlmServer):
    """Remembers which products it was asked about, by request."""

    def __init__(self, answer=by_what_stands_beside, faults=None):
        self.asked = []
        super().__init__(answer=self._answer, faults=faults)
        self.told = answer

    def _answer(self, request):
        document = json.loads(request["messages"][-1]["content"])
        self.asked.append([item["title"] for item in document["products"]])
        return self.told(request)


@pytest.fixture(autouse=True)
def key(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "test-key")


@pytest.fixture
def server():
    with Server() as started:
        yield started


@pytest.fixture(params=["sqlite", "redis"])
def cache(request, tmp_path):
    if request.param == "sqlite":
        yield str(tmp_path / "cache")
        return
    (tmp_path / "redis").mkdir()
    with redis_server(tmp_path / "redis") as started:
        yield started.url


def shirts(changed=()):
    """Ten products a query. `changed`: numbers of those that have another title than before."""
    return [product(f"p{n}", f"Red shirt {n}" + (" XL" if n in changed else "")) for n in range(10)]


def market(folder, results):
    return Market(folder, query_set(QUERIES), retrieval([(asked, results) for asked in QUERIES]))


def config(server, cache, endpoint=None, packing=PACKING, **more):
    at = {"model": "m", "baseUrl": server.url, "maxRetries": 0, **(endpoint or {})}
    judge = {"endpoint": at, "batchSize": packing, "canaries": {"share": 0}}
    return {"openai": judge, "concurrency": 4, "cacheUri": cache, **more}


def run(given, settings, run_id):
    """Runs the stage as one run. Returns its exit code."""
    given.arguments[1] = run_id
    return given.run(settings, run_id)


def graded(given, run_id):
    return verdicts(given.judging(run_id))


def usage_line(captured):
    lines = [json.loads(line) for line in captured.err.splitlines() if line.startswith("{")]
    return [line for line in lines if line["message"] == "model usage"][-1]


def test_a_second_run_makes_no_call_and_ends_alike(tmp_path, server, cache, capsys):
    given = market(tmp_path, shirts())
    assert run(given, config(server, cache), "monday") == 0
    assert len(server.asked) == 40
    assert run(given, config(server, cache), "tuesday") == 0
    assert len(server.asked) == 40
    assert given.judging("monday").digest == given.judging("tuesday").digest
    line = usage_line(capsys.readouterr())
    assert (line["pairs_others"], line["calls"]) == (100, 0)
    assert "answers_new" not in line


def test_after_a_tenth_of_the_results_changed_those_alone_are_asked_about(tmp_path, server, cache):
    before, after = market(tmp_path / "a", shirts()), market(tmp_path / "b", shirts(changed=[4]))
    assert run(before, config(server, cache), "monday") == 0
    del server.asked[:]
    assert run(after, config(server, cache), "tuesday") == 0
    assert server.asked == [["Red shirt 4 XL"]] * 10
    pairs = list(zip(graded(before, "monday"), graded(after, "tuesday"), strict=True))
    assert all(old == new for old, new in pairs if old[0] != "p4")
    assert any(old != new for old, new in pairs)


def test_changed_pairs_of_a_query_are_packed_together_in_their_order(tmp_path, server, cache):
    assert run(market(tmp_path / "a", shirts()), config(server, cache), "monday") == 0
    del server.asked[:]
    again = market(tmp_path / "b", list(reversed(shirts(changed=[1, 3, 5, 8]))))
    assert run(again, config(server, cache), "tuesday") == 0
    titles = [[f"Red shirt {n} XL" for n in batch] for batch in ([3, 5, 8], [1])]
    # Within a request they are shuffled.
    assert sorted(map(sorted, server.asked)) == sorted(titles * 10)


@pytest.mark.parametrize(
    ("endpoint", "packing", "pairs"),
    # The tenth product of a query was alone in its request before.
    [({"seed": 8}, PACKING, 100), ({"model": "n"}, PACKING, 100), ({}, 4, 100), ({}, 1, 90)],
)
def test_another_question_is_asked_anew(tmp_path, server, endpoint, packing, pairs):
    given, cache = market(tmp_path, shirts()), str(tmp_path / "cache")
    assert run(given, config(server, cache), "monday") == 0
    del server.asked[:]
    assert run(given, config(server, cache, endpoint, packing), "tuesday") == 0
    assert sum(map(len, server.asked)) == pairs


def test_invalid_answers_are_kept_and_calls_without_an_answer_are_not(tmp_path, server):
    given, cache = market(tmp_path, shirts()), str(tmp_path / "cache")

    def some_invalid(request):
        title = json.loads(request["messages"][-1]["content"])["products"][0]["title"]
        if title == "Red shirt 3":
            return Raw(completion(request, "", finish_reason="content_filter"))
        return "no JSON" if title == "Red shirt 6" else by_what_stands_beside(request)

    server.told = some_invalid
    server.faults = Faults.parse(["500:10"])
    settings = {**config(server, cache), "concurrency": 1}
    assert run(given, settings, "monday") == 0
    assert len(server.asked) == 36
    reasons = {verdict for _, verdict in graded(given, "monday") if isinstance(verdict, str)}
    assert reasons == {"REFUSED", "INVALID", "UNAVAILABLE"}
    server.faults = Faults()
    del server.asked[:]
    assert run(given, settings, "tuesday") == 0
    assert len(server.asked) == 4
    assert run(given, settings, "wednesday") == 0
    assert len(server.asked) == 4
    assert {verdict for _, verdict in graded(given, "wednesday") if isinstance(verdict, str)} == {"REFUSED", "INVALID"}


@pytest.mark.parametrize("stopped_at", [1, 7, 13])
def test_an_interrupted_run_ends_as_one_that_was_not(tmp_path, server, stopped_at):
    """Also where a verdict depends on what else is in the request."""
    cache, settings = tmp_path / "cache", {"concurrency": 2}
    assert run(market(tmp_path / "a", shirts()), config(server, str(cache)), "monday") == 0
    shutil.copytree(cache, tmp_path / "copy")
    changed = shirts(changed=[0, 2, 3, 7, 9])
    whole = market(tmp_path / "b", changed)
    assert run(whole, config(server, str(tmp_path / "copy"), **settings), "tuesday") == 0
    stopped = market(tmp_path / "c", changed)
    server.faults = Faults.parse([f"401:{stopped_at}"])
    assert run(stopped, config(server, str(cache), **settings), "tuesday") == 2
    server.faults = Faults()
    assert run(stopped, config(server, str(cache), **settings), "tuesday") == 0
    assert stopped.judging("tuesday").digest == whole.judging("tuesday").digest


def test_parts_of_one_run_do_not_depend_on_which_was_first(tmp_path, server):
    """Otherwise a batch would depend on how far another shard had come."""
    cache = str(tmp_path / "cache")
    assert run(market(tmp_path / "a", shirts()), config(server, cache), "monday") == 0
    del server.asked[:]
    assert run(market(tmp_path / "b", shirts(changed=[4])), config(server, cache), "monday") == 0
    assert [sorted(titles) for titles in server.asked] == [["Red shirt 3", "Red shirt 4 XL", "Red shirt 5"]] * 10


def test_a_damaged_or_foreign_verdict_is_asked_for_again(tmp_path, server, capsys):
    given, cache = market(tmp_path, shirts()), tmp_path / "cache"
    assert run(given, config(server, str(cache)), "monday") == 0
    first = graded(given, "monday")
    with sqlite3.connect(cache / "answers.sqlite") as file:
        rows = [row for (row,) in file.execute("SELECT id FROM entries WHERE name LIKE 'pairs/%' ORDER BY id LIMIT 4")]
        file.execute("UPDATE entries SET data = ? WHERE id = ?", (b"\xff", rows[0]))
        file.execute("UPDATE entries SET data = (SELECT data FROM entries WHERE id = ?) WHERE id = ?", rows[1:3])
        file.execute("DELETE FROM entries WHERE name LIKE 'answers/%'")
    del server.asked[:]
    assert run(given, config(server, str(cache)), "tuesday") == 0
    assert sum(map(len, server.asked)) == 2
    captured = capsys.readouterr()
    line = usage_line(captured)
    assert (line["pairs_corrupt"], line["pairs_others"]) == (2, 98)
    assert captured.err.count("2 entries of the cache were damaged or not ours") == 1
    del server.asked[:]
    assert run(given, config(server, str(cache)), "wednesday") == 0
    assert server.asked == []
    assert [name for name, _ in graded(given, "wednesday")] == [name for name, _ in first]


def test_verdicts_that_are_too_old_are_asked_for_again(tmp_path, server, capsys):
    given, cache = market(tmp_path, shirts()), tmp_path / "cache"
    assert run(given, config(server, str(cache)), "monday") == 0
    with sqlite3.connect(cache / "answers.sqlite") as file:
        file.execute("UPDATE entries SET made = made - 3 * 86400 WHERE name LIKE 'pairs/%' AND id % 2")
        (old,) = file.execute("SELECT count(*) FROM entries WHERE made < unixepoch() - 86400").fetchone()
        file.execute("DELETE FROM entries WHERE name LIKE 'answers/%'")
    del server.asked[:]
    assert run(given, config(server, str(cache)) | {"cache": {"maxAgeDays": 2}}, "tuesday") == 0
    assert sum(map(len, server.asked)) == old == usage_line(capsys.readouterr())["pairs_expired"]


def test_kept_pairs_take_nothing_of_the_budget(tmp_path, server, capsys):
    given, cache = market(tmp_path, shirts()), str(tmp_path / "cache")
    assert run(given, config(server, cache), "monday") == 0
    changed = market(tmp_path / "b", shirts(changed=[4]))
    assert run(changed, config(server, cache, budget={"maxCalls": 10}), "tuesday") == 0
    assert len(server.asked) == 50
    assert {type(verdict) for _, verdict in graded(changed, "tuesday")} == {int}
    assert "the budget ended" not in capsys.readouterr().err
