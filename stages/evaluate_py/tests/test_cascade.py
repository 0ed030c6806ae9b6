"""The cascade in the stage: who grades what, and what the records say of it."""

import pytest
from evaluate_market import Market, product, query, query_set, retrieval
from start_model import write_model

from sq_llm_server import LlmServer

MOUSE, PAD = product("m", "Acme wireless mouse", brand="Acme"), product("p", "Acme mouse pad", brand="Acme")
LAMP = product("l", "Desk lamp", brand="Lumo")
ASKED, OTHER = query("mouse"), query("lamp")
SURE_OF_ZERO = [1.0, 0.1, 0.1, 0.1, 0.2]


@pytest.fixture
def market(tmp_path, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "k")
    monkeypatch.setenv("SQ_KEYS", str(tmp_path / "keys"))
    return Market(tmp_path, query_set([ASKED, OTHER]), retrieval([(ASKED, [MOUSE, PAD]), (OTHER, [LAMP, PAD])]))


def cascade(then, first=None, confidence=SURE_OF_ZERO, threshold=0.8):
    made = {"first": first or {"baseline": {}}, "then": then, "threshold": threshold}
    return {"cascade": made | ({"grade_confidence": confidence} if confidence else {})}


def judges(market, output="judging"):
    """Product and kind of judge, in the order of the records; None for a failure."""
    found = []
    for record in market.judging(output):
        if record.HasField("judgment"):
            found.append((record.judgment.product_id, record.judgment.judge.split("/")[0]))
        elif record.HasField("failure"):
            found.append((record.failure.product_id, None))
    return found


def test_the_model_is_asked_only_where_the_first_judge_is_unsure(market):
    with LlmServer() as server:
        model = {"openai": {"endpoint": {"model": "m", "base_url": server.url}, "canaries": {"share": 0}}}
        assert market.run(cascade(model)) == 0
        assert len(server.calls) == 2
    assert judges(market) == [("m", "openai"), ("p", "baseline"), ("l", "openai"), ("p", "baseline")]
    sure = [record.judgment for record in market.judging() if record.judgment.judge.startswith("baseline")]
    assert [(one.grade, one.confidence) for one in sure] == [(0, 1.0), (0, 1.0)]
    assert market.judging().manifest.provenance.model_usage[0].calls == 2


def test_a_query_that_the_first_judge_is_sure_of_needs_no_call(market):
    with LlmServer() as server:
        model = {"openai": {"endpoint": {"model": "m", "base_url": server.url}, "canaries": {"share": 0}}}
        assert market.run(cascade(model, confidence=[0.9] * 5)) == 0
        assert not server.calls
    assert {judge for _, judge in judges(market)} == {"baseline"}


def test_a_trained_judge_has_its_own_confidence(market, tmp_path):
    first = {"trained": {"model": str(write_model(tmp_path / "model"))}}
    ratings = tmp_path / "ratings.csv"
    ratings.write_text("query,docid,rating\nmouse,m,2\n")
    then = {"people": {"uri": str(ratings)}}
    assert market.run(cascade(then, first, confidence=None, threshold=0.85), "low") == 0
    assert judges(market, "low")[0] == ("m", "trained")
    assert market.run(cascade(then, first, confidence=None, threshold=0.95) | {"max_failure_share": 1}, "high") == 0
    assert judges(market, "high") == [("m", "people"), ("p", None), ("l", None), ("p", None)]


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"confidence": None}, "grade_confidence"),
        ({"confidence": [1.0]}, "grade_confidence"),
        ({"threshold": 1.5}, "threshold"),
        ({"first": {"people": {}}}, "first"),
    ],
)
def test_settings_that_cannot_work(market, capsys, changes, says):
    assert market.run(cascade({"people": {"uri": "ratings.csv"}}, **changes)) == 2
    assert says in capsys.readouterr().err
