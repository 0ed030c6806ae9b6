"""What probes find is judged for the query that they change, once."""

import pytest
from evaluate_market import Market, product, query, query_set, retrieval, verdicts

from sq.v1.product_pb2 import Product
from sq.v1.query_pb2 import PROBE_FORM_BLEND, PROBE_FORM_KNOWN_ITEM, Probe, ProbeForm, Query
from sq_llm_server import LlmServer

BASELINE = {"baseline": {}}
SHIRTS = query("red shirts", "CATEGORY=shirt", "COLOUR=red")
RED = product("red", "Red shirt", category="shirt", colour="red")
BLUE = product("blue", "Blue shirt", category="shirt", colour="blue")
HAT = product("hat", "Red hat", category="hat", colour="red")
SHOE = product("shoe", "Red shoe", category="shoe", colour="red")


def changed(text: str, form: ProbeForm = PROBE_FORM_BLEND, of: Query = SHIRTS) -> Query:
    return query(text, query_id=f"p{text}", probe=Probe(probe_of=of.query_id, mechanism="inflection", form=form))


def probed(tmp_path, *found: tuple[Query, list[Product]]) -> Market:
    """Probes and their results, after the query itself found the blue shirt and was judged."""
    before = Market(tmp_path / "before", query_set([SHIRTS]), retrieval([(SHIRTS, [BLUE])]))
    assert before.run(BASELINE) == 0
    probes = [probe for probe, _ in found]
    after = Market(tmp_path, query_set([SHIRTS, *probes]), retrieval([(SHIRTS, [BLUE]), *found]))
    after.arguments += ["--input", f"prior={before.folder / 'judging'}"]
    return after


def test_results_are_judged_for_the_query_under_its_id(tmp_path):
    given = probed(tmp_path, (changed("blue shirt"), [RED]))
    assert given.run(BASELINE) == 0
    judged = [record.judgment for record in given.judging() if record.HasField("judgment")]
    assert [(item.query_id, item.product_id, item.grade) for item in judged] == [(SHIRTS.query_id, "red", 4)]


def test_a_pair_is_judged_once_whoever_finds_it(tmp_path):
    given = probed(tmp_path, (changed("one"), [BLUE, RED]), (changed("two"), [RED, SHOE]))
    assert given.run(BASELINE) == 0
    assert verdicts(given.judging()) == [("red", 4), ("shoe", 0)]


@pytest.mark.parametrize(("depth", "judged"), [({}, 2), ({"probeDepth": 1}, 1)])
def test_probes_are_judged_to_their_own_depth(tmp_path, depth, judged):
    given = probed(tmp_path, (changed("one"), [RED, SHOE]))
    assert given.run({**BASELINE, **depth}) == 0
    assert len(verdicts(given.judging())) == judged


def test_a_search_for_a_known_product_is_not_judged(tmp_path):
    given = probed(tmp_path, (changed("rarest words", PROBE_FORM_KNOWN_ITEM), [RED]))
    assert given.run(BASELINE) == 0
    assert verdicts(given.judging()) == []


def test_query_and_probes_have_one_budget_and_no_pair_is_asked_for_twice(tmp_path, monkeypatch):
    """Two calls: one for the query, so that its second pair is open; what is left is for what probes found."""
    monkeypatch.setenv("OPENAI_API_KEY", "k")
    with LlmServer() as server:
        endpoint = {"model": "m", "baseUrl": server.url}
        paid = {"openai": {"endpoint": endpoint, "batchSize": 1}, "cacheUri": str(tmp_path / "answers")}
        before = Market(tmp_path / "before", query_set([SHIRTS]), retrieval([(SHIRTS, [BLUE, RED])]))
        assert before.run({**paid, "budget": {"maxCalls": "1"}}) == 0
        assert [product for product, _ in verdicts(before.judging())] == ["blue", "red"]
        assert verdicts(before.judging())[1] == ("red", "BUDGET")
        probe = changed("one")
        after = Market(
            tmp_path, query_set([SHIRTS, probe]), retrieval([(SHIRTS, [BLUE, RED]), (probe, [RED, SHOE, HAT])])
        )
        after.arguments += ["--input", f"prior={before.folder / 'judging'}"]
        assert after.run({**paid, "budget": {"maxCalls": "2"}}) == 0
        assert len(server.calls) == 2
    found = verdicts(after.judging())
    assert [product for product, _ in found] == ["shoe", "hat"]
    assert found[1] == ("hat", "BUDGET")


def test_the_first_record_says_how_deep_the_judge_was_to_go(tmp_path):
    given = Market(tmp_path, query_set([SHIRTS]), retrieval([(SHIRTS, [RED])]))
    assert given.run({**BASELINE, "depth": 3, "poolDepth": 0}) == 0
    summary = next(iter(given.judging())).summary
    assert (summary.depth, summary.pool_depth, summary.probe_depth, summary.prior_pairs) == (3, 0, 10, 0)


def test_a_probe_of_an_unknown_query_is_refused(tmp_path, capsys):
    orphan = changed("one", of=query("hat"))
    given = Market(tmp_path, query_set([orphan]), retrieval([(orphan, [RED])]))
    assert given.run(BASELINE) == 2
    assert "is not in the query set" in capsys.readouterr().err
    assert not (given.folder / "judging" / "manifest.json").exists()
