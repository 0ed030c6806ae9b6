"""A model of a bucket in the stage: which version it was, and what happens when production moves."""

import json

import pytest
from evaluate_market import Market, product, query, query_set, retrieval, verdicts
from start_model import start_card, write_model

from sq.v1.query_pb2 import PROBE_FORM_BLEND, Probe
from sq_handoff import fetch_manifest
from sq_models import Registry, parse_reference, promote, verified_copy

MOUSE, MAT = product("m", "Acme wireless mouse", brand="Acme"), product("n", "Acme mouse", brand="Acme")
ASKED = query("mouse")
PROBE = query(
    "mice", query_id="p1", probe=Probe(probe_of=ASKED.query_id, mechanism="inflection", form=PROBE_FORM_BLEND)
)
# Grades of a perfect product: 4 by the first version, 3 by the second.
CARDS = {"v1": start_card(), "v2": start_card(cuts=[0.5, 1.5, 2.5, 3.9])}


@pytest.fixture
def judge(tmp_path, monkeypatch):
    """BUCKET/NAME of a model with two versions, the first one in production."""
    monkeypatch.setenv("SQ_KEYS", str(tmp_path / "keys"))
    uri = str(tmp_path / "bucket" / "judge")
    for version, card in CARDS.items():
        with verified_copy(str(write_model(tmp_path / version, card)), "model") as copy:
            Registry(parse_reference(uri, "model"), "model").register(copy, version)
    move(uri, "v1")
    return uri


@pytest.fixture
def market(tmp_path):
    return Market(tmp_path, query_set([ASKED]), retrieval([(ASKED, [MOUSE])]))


def move(uri, version):
    promote(parse_reference(f"{uri}@{version}", "model"), "", "model")


def config(uri, version="production"):
    return {"trained": {"model": f"{uri}@{version}"}}


def pins(market, output):
    models = fetch_manifest(str(market.folder / output)).provenance.models
    return [model.uri.rpartition("@")[2] for model in models]


def test_the_provenance_says_which_version_production_was(market, judge):
    assert market.run(config(judge)) == 0
    (model,) = fetch_manifest(str(market.folder / "judging")).provenance.models
    assert (model.reference, model.uri) == (f"{judge}@production", f"{judge}@v1")
    assert next(iter(verdicts(market.judging()))) == ("m", 4)


def test_a_finished_artefact_stays_when_production_moves(market, judge):
    assert market.run(config(judge)) == 0
    before = fetch_manifest(str(market.folder / "judging"))
    move(judge, "v2")
    assert market.run(config(judge)) == 0
    assert fetch_manifest(str(market.folder / "judging")) == before
    assert market.run(config(judge), "later") == 0
    assert (pins(market, "later"), verdicts(market.judging("later"))) == (["v2"], [("m", 3)])


def test_probes_are_judged_by_the_version_that_judged_their_queries(market, judge, tmp_path):
    assert market.run(config(judge)) == 0
    move(judge, "v2")
    probed = Market(
        tmp_path / "probed", query_set([ASKED, PROBE]), retrieval([(ASKED, [MOUSE]), (PROBE, [MOUSE, MAT])])
    )
    probed.arguments += ["--input", f"prior={market.folder / 'judging'}"]
    assert probed.run(config(judge)) == 0
    assert verdicts(probed.judging()) == [("n", 4)]
    assert pins(probed, "judging") == ["v1"]


def test_shards_of_two_versions_are_not_mixed(market, judge, tmp_path, capfd):
    assert market.run(config(judge), "a") == 0
    move(judge, "v2")
    assert market.run(config(judge), "b") == 0
    both = Market(tmp_path / "both", query_set([ASKED]), retrieval([(ASKED, [MOUSE])]))
    both.arguments += [word for name in "ab" for word in ("--input", f"prior={market.folder / name}")]
    assert both.run(config(judge)) == 2
    assert "judge@v1" in capfd.readouterr().err
    assert not (both.folder / "judging").exists()


def test_a_version_is_part_of_the_work(market, judge, capfd):
    assert market.run(config(judge, "v1")) == 0
    assert market.run(config(judge, "v2")) == 2
    assert "the result of another configuration" in json.loads(capfd.readouterr().err.splitlines()[-1])["message"]
