"""The rubric facets: how an answer is read, the rule from facets to a grade, and quotes."""

import json

import pytest
from evaluate_market import Market, product, query, query_set, reasons, retrieval
from hypothesis import given
from hypothesis import strategies as st

from sq.v1.judgment_pb2 import Facet, FacetVerdict
from sq_evaluate.judges.facet_rule import grade, is_supported
from sq_evaluate.judges.facets import Facets
from sq_llm_server import LlmServer
from sq_llm_server.answers import answer
from sq_llm_server.facets import inventing

RUBRIC = Facets()
QUERY = query("red acme shirt", "COLOUR=red", "BRAND=acme")
SHIRT = product("s", "Acme shirt, red", brand="Acme", colour="red", text="Made of cotton.")


def facets(**verdicts):
    """THING, and tags by type."""
    return [
        Facet(tag_type="" if kind == "THING" else kind, verdict=f"FACET_VERDICT_{verdict.upper()}")
        for kind, verdict in verdicts.items()
    ]


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        ({"THING": "yes", "COLOUR": "yes", "BRAND": "yes"}, 4),
        ({"THING": "yes", "COLOUR": "not_stated", "BRAND": "yes"}, 3),
        ({"THING": "not_stated", "COLOUR": "yes"}, 3),
        # The kind of thing counts once.
        ({"THING": "not_stated", "CATEGORY": "not_stated"}, 3),
        ({"THING": "yes", "CATEGORY": "not_stated"}, 3),
        ({"THING": "yes", "COLOUR": "no"}, 2),
        ({"THING": "yes", "COLOUR": "contradicts"}, 2),
        ({"THING": "yes", "COLOUR": "not_stated", "BRAND": "not_stated"}, 2),
        ({"THING": "contradicts", "COLOUR": "yes"}, 2),
        ({"THING": "yes", "BRAND": "contradicts"}, 2),
        ({"THING": "yes", "BRAND": "no"}, 1),
        ({"THING": "yes", "COLOUR": "no", "SIZE": "contradicts"}, 1),
        ({"THING": "yes", "COLOUR": "no", "SIZE": "no", "MATERIAL": "not_stated"}, 1),
        # The kind of thing comes first.
        ({"THING": "no", "COLOUR": "yes", "BRAND": "yes"}, 0),
        ({"THING": "yes", "CATEGORY": "no", "BRAND": "yes"}, 0),
    ],
)
def test_the_rule(found, expected):
    given_grade, why = grade(facets(**found), accessory=False)
    assert given_grade == expected
    assert bool(why) == (expected < 4)


def test_an_accessory_is_irrelevant_whatever_it_states():
    given_grade, why = grade(facets(THING="no", COLOUR="not_stated"), accessory=True)
    assert given_grade == 0
    assert [reason.code for reason in why] == [5, 2]


VERDICTS = [name.removeprefix("FACET_VERDICT_").lower() for name, number in FacetVerdict.items() if number]


@given(st.dictionaries(st.sampled_from(["COLOUR", "BRAND", "SIZE", "CATEGORY"]), st.sampled_from(VERDICTS)))
def test_a_better_verdict_never_lowers_the_grade(found):
    asked = {"THING": "yes", **found}
    before, _ = grade(facets(**asked), accessory=False)
    for kind in asked:
        assert grade(facets(**{**asked, kind: "yes"}), accessory=False)[0] >= before


def item(accessory=False, **more):
    told = [{"facet": 0, "verdict": "yes", "quotes": ["shirt"]}, {"facet": 1, "verdict": "yes", "quotes": ["red"]}]
    told.append({"facet": 2, "verdict": "yes", "quotes": ["Acme"]})
    return {"n": 1, "accessory": accessory, "facets": told, **more}


def read(*items):
    return RUBRIC.read_answer(json.dumps({"judgments": list(items)}), QUERY, [SHIRT]).get(1)


def test_an_answer_becomes_a_grade_with_its_facets():
    told = item()
    told["facets"][1] = {"facet": 1, "verdict": "no", "quotes": ["made of cotton", "Blue"]}
    found = read(told)
    assert found.grade == 2
    assert reasons(found) == ["TAG_MISMATCH COLOUR=red"]
    assert [(one.tag_type, one.value) for one in found.facets] == [("", ""), ("COLOUR", "red"), ("BRAND", "acme")]
    assert [(quote.text, quote.found) for quote in found.facets[1].quotes] == [
        ("made of cotton", True),
        ("Blue", False),
    ]


def without(number):
    told = item()
    del told["facets"][number]
    return told


def with_facet(number, **more):
    told = item()
    told["facets"][number] = {**told["facets"][number], **more}
    return told


@pytest.mark.parametrize(
    ("told", "says"),
    [
        (item(accessory="no"), "accessory is neither true nor false"),
        (item(facets=None), "facets is not a list"),
        (item(facets=["yes"]), "a facet has an unknown number"),
        (with_facet(1, facet=3), "a facet has an unknown number"),
        (with_facet(1, facet=True), "a facet has an unknown number"),
        (with_facet(1, facet=-1), "a facet has an unknown number"),
        (with_facet(1, facet=2), "facet 2 is answered twice"),
        (with_facet(1, verdict="maybe"), "facet 1: an unknown verdict"),
        (with_facet(1, verdict=["yes"]), "facet 1: an unknown verdict"),
        (with_facet(1, quotes="red"), "facet 1: quotes is not a list of texts"),
        (with_facet(1, quotes=[7]), "facet 1: quotes is not a list of texts"),
        (without(2), "facet 2 is not answered"),
    ],
)
def test_answers_of_another_form_are_invalid(told, says):
    assert read(told) == says


def test_what_services_without_a_schema_leave_out():
    told = item()
    del told["accessory"], told["facets"][0]["quotes"]
    found = read(told)
    assert found.grade == 4
    assert not is_supported(found.facets), "a yes without a quote is not supported"


def test_long_and_empty_quotes():
    found = read(with_facet(1, quotes=["", " … ", "x" * 9999, *["red"] * 50]))
    kept = found.facets[1].quotes
    assert len(kept) == 8
    assert max(len(quote.text) for quote in kept) == 500


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 6) | st.text(max_size=3) | st.sampled_from(VERDICTS),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["judgments", "n", "accessory", "facets", "facet", "verdict", "quotes"]), inner, max_size=5
        )
    ),
    max_leaves=25,
)


@given(JSON)
def test_any_json_is_read_without_an_error(value):
    found = RUBRIC.read_answer(json.dumps(value), QUERY, [SHIRT])
    assert set(found) <= {1}
    assert all(isinstance(one, str) or 0 <= one.grade <= 4 for one in found.values())


class TestStage:
    @pytest.fixture
    def market(self, tmp_path, monkeypatch):
        monkeypatch.setenv("OPENAI_API_KEY", "k")
        results = [SHIRT, product("b", "Acme shirt", colour="blue"), product("h", "Hat"), product("x", "Shirt Lumo")]
        return Market(tmp_path, query_set([QUERY]), retrieval([(QUERY, results)]))

    def run(self, market, judge=answer):
        with LlmServer(answer=judge) as server:
            assert market.run(self.config(server)) == 0

    def config(self, server, **more):
        endpoint = {"model": "m", "baseUrl": server.url}
        return {"openai": {"endpoint": endpoint, "rubric": "RUBRIC_FACETS", "canaries": {"share": 0}}, **more}

    def judgments(self, market, output="judging"):
        return [record.judgment for record in market.judging(output) if record.HasField("judgment")]

    def trust(self, market, output="judging"):
        *_, last = market.judging(output)
        return last.trust

    def test_grades_follow_from_facets_and_every_quote_stands_in_the_product(self, market):
        self.run(market)
        found = self.judgments(market)
        assert [one.grade for one in found] == [4, 2, 0, 2]
        assert reasons(found[2]) == ["OFF_TOPIC =", "TAG_MISSING COLOUR=red", "TAG_MISSING BRAND=acme"]
        assert found[0].judge.startswith("openai/m/facets-1-")
        assert sorted(one.asked.place for one in found) == [1, 2, 3, 4]
        assert {(one.asked.request, one.asked.products) for one in found} == {(found[0].asked.request, 4)}
        trust = self.trust(market)
        assert (trust.faceted, trust.supported, trust.invented_quotes) == (4, 4, 0)
        assert trust.quotes == sum(len(facet.quotes) for one in found for facet in one.facets) > 4

    def test_invented_quotes_are_counted_and_change_no_grade(self, market):
        self.run(market, inventing(answer, share=0.5))
        assert [one.grade for one in self.judgments(market)] == [4, 2, 0, 2]
        trust = self.trust(market)
        wrong = [one for one in self.judgments(market) if any(not q.found for f in one.facets for q in f.quotes)]
        assert 0 < len(wrong) < 4
        assert (trust.faceted, trust.supported) == (4, 4 - len(wrong))
        assert trust.invented_quotes == sum(not q.found for one in wrong for f in one.facets for q in f.quotes)

    def test_a_second_run_has_the_same_records_from_kept_pairs(self, market):
        with LlmServer(answer=inventing(answer, share=0.5)) as server:
            settings = self.config(server, cacheUri=str(market.folder / "cache"))
            for run_id in ("monday", "tuesday"):
                market.arguments[1] = run_id
                assert market.run(settings, run_id) == 0
            assert len(server.calls) == 1
        assert market.judging("monday").digest == market.judging("tuesday").digest
