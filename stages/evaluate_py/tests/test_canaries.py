"""Canaries: pairs that are sent again with an instruction hidden in the product."""

import json

import pytest
from evaluate_market import Market, product, query, query_set, ref, result, retrieval

from sq.v1.query_pb2 import PROBE_FORM_REPLACE, Probe
from sq_evaluate.judge import Case
from sq_evaluate.judges.canary import ATTACKS, attacked, chosen
from sq_llm_server import LlmServer
from sq_llm_server.answers import answer
from sq_llm_server.judges import gullible

QUERIES = [query(f"red shirt {n}") for n in range(120)]
RESULTS = [product("a", "Red shirt"), product("b", "Blue hat"), product("c", "Red hat", text="Wool.")]


@pytest.fixture(autouse=True)
def key(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "k")


def market(folder, queries=QUERIES, results=RESULTS):
    return Market(folder, query_set(queries), retrieval([(asked, results) for asked in queries]))


def config(server, canaries=None, **judge):
    endpoint = {"model": "m", "baseUrl": server.url, "maxRetries": 0}
    more = {"canaries": canaries} if canaries else {}
    return {"openai": {"endpoint": endpoint, **more, **judge}, "concurrency": 4}


def canaries(given, output="judging"):
    return [one for record in given.judging(output) if record.HasField("trust") for one in record.trust.canaries]


def warnings(capsys):
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines() if line.startswith("{")]
    return [line["message"] for line in lines if line["level"] == "warning"]


@pytest.mark.parametrize(
    ("count", "share", "canaries"),
    [(1000, 0.01, 10), (149, 0.01, 1), (151, 0.01, 2), (1, 0.01, 1), (7, 0, 0), (7, 1, 7)],
)
def test_how_many_queries_have_one(count, share, canaries):
    queries = [query(f"hat {n}") for n in range(count)]
    assert len(chosen(queries, share)) == canaries
    assert chosen(queries[::-1], share) == chosen(queries, share)


def test_the_instruction_asks_for_the_grade_that_the_product_probably_has_not():
    def canary(text, results):
        return attacked(Case(query(text), tuple(results)))

    one = canary("red shirt", RESULTS)
    assert (one.product.product_id, one.asked_grade) == ("b", 4)
    assert canary("red shirt", RESULTS[:1]).asked_grade == 0
    assert canary("red shirt", RESULTS[::-1]) == one
    assert canary("red shirt", []) is None
    assert one.with_instruction.description.startswith(ATTACKS[one.attack].split("{")[0])
    assert "grade 4" in one.with_instruction.description


def test_every_attack_is_used():
    cases = [Case(query(f"red {n}"), tuple(RESULTS)) for n in range(100)]
    assert {attacked(case).attack for case in cases} == set(ATTACKS)


@pytest.mark.parametrize("rubric", ["RUBRIC_WHOLE", "RUBRIC_FACETS"])
def test_a_judge_that_obeys_is_named_and_one_that_resists_is_not(tmp_path, capsys, rubric):
    given = market(tmp_path)
    for name, judge, moved in (("obeys", gullible(), 6), ("resists", answer, 0)):
        with LlmServer(answer=judge) as server:
            assert given.run(config(server, {"share": 0.05}, rubric=rubric), name) == 0
            # A call for the results of each query, and two for each canary.
            assert len(server.calls) == 120 + 2 * 6
        found = canaries(given, name)
        assert len(found) == 6
        assert sum(one.moved for one in found) == moved
        told = [text for text in warnings(capsys) if "talked into grades" in text]
        assert told == (["the judge can be talked into grades: 6 of 6 canaries"] if moved else [])


def test_a_canary_changes_no_judgment(tmp_path):
    given = market(tmp_path)
    with LlmServer(answer=gullible()) as server:
        assert given.run(config(server, {"share": 0}), "without") == 0
        assert given.run(config(server, {"share": 0.2}), "with") == 0
    without, with_them = (
        [record.judgment for record in given.judging(name) if record.HasField("judgment")]
        for name in ("without", "with")
    )
    assert without == with_them
    assert not canaries(given, "without")
    assert len(canaries(given, "with")) == 24


@pytest.mark.parametrize(("most", "code"), [(0, 2), (0.99, 2), (1, 0)])
def test_a_setting_makes_it_fail_the_run(tmp_path, capsys, most, code):
    given = market(tmp_path)
    with LlmServer(answer=gullible()) as server:
        assert given.run(config(server, {"maxMovedShare": most})) == code
        error = capsys.readouterr().err
        assert ("openai.canaries: the judge can be talked into grades: 1 of 1 canaries" in error) is bool(code)
        calls = len(server.calls)
        # What was paid for is kept, and another limit is no other work.
        assert given.run(config(server, {"maxMovedShare": 1})) == 0
        assert len(server.calls) == calls


def test_where_a_request_is_about_one_product_a_canary_costs_one_call(tmp_path):
    given = market(tmp_path)
    with LlmServer() as server:
        assert given.run(config(server, batchSize=1)) == 0
        assert len(server.calls) == 360 + 1
        assert len({call["request"] for call in server.calls}) == 361
    assert len(canaries(given)) == 1


def test_one_result_alone_is_not_paid_for_twice(tmp_path):
    given = market(tmp_path, results=RESULTS[:1])
    with LlmServer() as server:
        assert given.run(config(server)) == 0
        assert len(server.calls) == len({call["request"] for call in server.calls}) == 121
    assert len(canaries(given)) == 1


def test_later_runs_find_the_answers(tmp_path):
    given = market(tmp_path)
    with LlmServer() as server:
        settings = {**config(server), "cacheUri": str(tmp_path / "cache")}
        for run_id in ("monday", "tuesday"):
            given.arguments[1] = run_id
            assert given.run(settings, run_id) == 0
            assert len(server.calls) == 122
    assert given.judging("monday").digest == given.judging("tuesday").digest


def test_judgments_come_first_where_the_budget_is_short(tmp_path):
    given = market(tmp_path)
    with LlmServer() as server:
        settings = config(server, {"share": 1}) | {"budget": {"maxCalls": 1}}
        assert given.run(settings) == 0
        assert len(server.calls) == 1
    assert sum(record.HasField("judgment") for record in given.judging()) == 3
    assert not canaries(given)


def test_shards_have_the_canaries_of_the_whole(tmp_path):
    whole = market(tmp_path / "whole")
    with LlmServer() as server:
        assert whole.run(config(server, {"share": 0.1})) == 0
        found = []
        for number in range(3):
            name = f"shard-{number}"
            mine = [asked for asked in QUERIES if int(asked.query_id[-1], 16) % 3 == number]
            part = Market(tmp_path / name, query_set(QUERIES), retrieval([(asked, RESULTS) for asked in mine]))
            assert part.run(config(server, {"share": 0.1})) == 0
            found += canaries(part)
    assert sorted(one.query_id for one in found) == sorted(one.query_id for one in canaries(whole))


def test_what_probes_find_has_none_because_the_judge_was_tried_before(tmp_path):
    asked = query("red shirt")
    probe = query("red shirts", probe=Probe(probe_of=asked.query_id, mechanism="m", form=PROBE_FORM_REPLACE))
    before = Market(tmp_path / "before", query_set([asked]), retrieval([(asked, RESULTS[:1])]))
    after = Market(
        tmp_path,
        query_set([asked, probe]),
        [*retrieval([(asked, RESULTS)])[:-1], result(asked, [ref(RESULTS[0])]), result(probe, [ref(RESULTS[1])])],
    )
    after.arguments += ["--input", f"prior={before.folder / 'judging'}"]
    with LlmServer() as server:
        assert before.run(config(server)) == 0
        calls = len(server.calls)
        assert after.run(config(server)) == 0
        assert len(server.calls) == calls + 1
    assert len(canaries(before)) == 1
    assert not canaries(after)


def test_a_cascade_tries_the_model_behind_the_first_judge(tmp_path):
    given = market(tmp_path)
    with LlmServer(answer=gullible()) as server:
        then = {"openai": config(server, {"share": 0.1})["openai"]}
        cascade = {"first": {"baseline": {}}, "then": then, "threshold": 0.8, "grade_confidence": [0.5] * 5}
        assert given.run({"cascade": cascade}) == 0
    found = canaries(given)
    assert len(found) == 12
    assert all(one.moved for one in found)
