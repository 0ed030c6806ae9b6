"""A stage that judged little or nothing does not end well."""

import json
import re

import pytest
from evaluate_market import Market, product, publish, query, query_set, retrieval, verdicts

from sq.v1.retrieval_pb2 import RetrievalRecord
from sq_llm_server import LlmServer
from sq_llm_server.answers import answer as useful

QUERIES = [query(f"red shirt {n}") for n in range(60)]
SHIRT = product("s1", "Red shirt")
EMPTY = '{"judgments": []}'


@pytest.fixture(autouse=True)
def key(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "test-key")


@pytest.fixture
def market(tmp_path):
    return Market(tmp_path, query_set(QUERIES), retrieval([(asked, [SHIRT]) for asked in QUERIES]))


def events(capsys):
    return [json.loads(line) for line in capsys.readouterr().err.splitlines() if line.startswith("{")]


def people(tmp_path, text):
    ratings = tmp_path / "ratings.csv"
    ratings.write_text(f"query,docid,rating\n{text}", encoding="utf-8")
    return {"people": {"uri": str(ratings)}}


def test_ratings_of_which_none_matches_show_both_sides(market, tmp_path, capsys):
    assert market.run(people(tmp_path, "blue hat,s1,4\n")) == 2
    error = events(capsys)[-1]
    assert error["field"] == "people.uri"
    assert "'blue hat'" in error["message"] and "'red shirt 0'" in error["message"]


def test_one_rating_that_matches_is_enough(market, tmp_path):
    assert market.run(people(tmp_path, "blue hat,s1,4\nred shirt 7,s1,3\n")) == 0
    assert dict.fromkeys(verdict for _, verdict in verdicts(market.judging())).keys() == {3, "UNJUDGED"}


def test_products_that_a_catalogue_does_not_have_end_the_stage_early(market, tmp_path, capsys):
    (tmp_path / "catalogue.ndjson").write_text('{"id": "other", "title": "Hat"}\n', encoding="utf-8")
    config = {"baseline": {}, "catalogue": {"uri": str(tmp_path / "catalogue.ndjson")}}
    assert market.run(config, "all") == 2
    assert "50 of 50 pairs failed: PRODUCT_NOT_FOUND" in events(capsys)[-1]["message"]
    assert market.run({**config, "maxFailureShare": 1}, "never") == 0
    warned = [event["message"] for event in events(capsys) if event["level"] == "warning"]
    assert [text[:8] for text in warned] == ["50 of 50", "60 of 60"]


def judged_by(server, **more):
    """Without canaries, which are calls too."""
    return {"openai": {"endpoint": {"model": "m", "baseUrl": server.url}, "canaries": {"share": 0}}, **more}


def test_a_model_whose_every_answer_is_invalid_ends_the_stage_early(market, capsys):
    with LlmServer(answer=lambda request: EMPTY) as server:
        assert market.run(judged_by(server)) == 2
        assert len(server.calls) < 60 + 8
    error = events(capsys)[-1]
    assert error["field"] == "openai"
    assert "50 of 50 pairs failed: INVALID, the answer does not contain this product (50)" in error["message"]


@pytest.mark.parametrize(
    ("more", "code", "warnings"),
    [
        pytest.param({}, 0, 2, id="one judgment is enough by default"),
        pytest.param({"maxFailureShare": 0.9}, 2, 2, id="a share that is exceeded"),
        pytest.param({"maxFailureShare": 0.99}, 0, 2, id="a share that is kept"),
        pytest.param({"alarm": {"firstLook": 10, "warnShare": 0.99}}, 0, 0, id="an alarm for more"),
    ],
)
def test_a_model_of_whose_answers_most_are_invalid(market, capsys, more, code, warnings):
    def answer(request):
        return useful(request) if "red shirt 0" in str(request) else EMPTY

    with LlmServer(answer=answer) as server:
        assert market.run(judged_by(server, **more)) == code
    told = [event for event in events(capsys) if event["level"] == "warning" and "pairs failed" in event["message"]]
    assert len(told) == warnings


class TestABudgetThatIsTooSmall:
    PRICED = {"price": {"input": 1.0, "output": 1.0}}

    @pytest.mark.parametrize("budget", [{"maxTokens": 10}, {"maxUsd": 0.00001}])
    def test_no_judgment_ends_with_2_and_a_value_that_suffices(self, market, capsys, budget):
        (name,) = budget
        with LlmServer() as server:
            config = judged_by(server, budget=budget)
            config["openai"]["endpoint"] |= self.PRICED
            assert market.run(config) == 2
            *before, error = events(capsys)
            assert not any("budget ended" in event["message"] for event in before), "it is said once"
            assert not (market.folder / "judging" / "manifest.json").exists()
            assert error["field"] == "budget" and "none of 60 pairs is judged" in error["message"]
            field = {"maxTokens": "max_tokens", "maxUsd": "max_usd"}[name]
            value = float(re.search(rf"raise it to {field} ([\d.e-]+) or more", error["fix"])[1])
            assert market.run({**config, "budget": {name: value}}) == 0
        assert {verdict for _, verdict in verdicts(market.judging())} <= {0, 1, 2, 3, 4}

    def test_some_judgments_are_published(self, market, capsys):
        with LlmServer() as server:
            assert market.run(judged_by(server, budget={"maxCalls": 1})) == 0
        said = next(event["message"] for event in events(capsys) if "the budget ended" in event["message"])
        assert "raise it to max_calls 66 and run again" in said

    def test_a_shard_without_a_call_says_what_suffices_for_all(self, market, capsys):
        with LlmServer() as server:
            assert market.run(judged_by(server, budget={"maxCalls": 1}), shard="1/2") == 2
        # 60 pairs of one call each, a reserve, and two shards.
        assert "raise it to max_calls 132 or more" in events(capsys)[-1]["fix"]

    def test_probes_may_find_nothing_left(self, market):
        found = publish(market.folder / "found", RetrievalRecord, retrieval([(QUERIES[0], [product("s2", "Red hat")])]))
        with LlmServer() as server:
            config = judged_by(server, budget={"maxCalls": 60})
            assert market.run(config, "of-queries") == 0
            market.arguments[-1] = f"retrieval={found}"
            market.arguments += ["--input", f"prior={market.folder / 'of-queries'}"]
            assert market.run(config, "of-probes") == 0
        assert [verdict for _, verdict in verdicts(market.judging("of-probes"))] == ["BUDGET"]
