"""The trained judge in the stage: grades with confidence, and models that are not run."""

import pytest
from evaluate_market import Market, product, query, query_set, reasons, retrieval, verdicts
from start_model import start_card, write_model

from sq_trained.embedding import MODEL_FILE

MOUSE, PAD = product("m", "Acme wireless mouse", brand="Acme"), product("p", "Acme mouse pad", brand="Acme")
ASKED = query("mouse")


@pytest.fixture(autouse=True)
def keys(tmp_path, monkeypatch):
    monkeypatch.setenv("SQ_KEYS", str(tmp_path / "keys"))


@pytest.fixture
def market(tmp_path):
    return Market(tmp_path, query_set([ASKED]), retrieval([(ASKED, [MOUSE, PAD])]))


def config(model):
    return {"trained": {"model": str(model)}}


def judgments(market, output="judging"):
    return [record.judgment for record in market.judging(output) if record.HasField("judgment")]


def test_a_model_grades_with_its_confidence_and_the_reasons_of_the_rules(market, tmp_path):
    assert market.run(config(write_model(tmp_path / "model"))) == 0
    assert verdicts(market.judging()) == [("m", 4), ("p", 0)]
    perfect, other = judgments(market)
    # 0.9 above the last level, and 0.9 not above the first.
    assert [round(one.confidence, 2) for one in (perfect, other)] == [0.9, 0.9]
    assert [reasons(one) for one in (perfect, other)] == [[], ["ACCESSORY =mouse"]]
    assert perfect.judge.startswith("trained/")


def test_a_grade_below_the_rules_has_a_reason_too(market, tmp_path):
    stern = start_card(cuts=[3.6, 3.7, 3.8, 3.9])
    assert market.run(config(write_model(tmp_path / "model", stern))) == 0
    assert reasons(judgments(market)[0]) == ["OFF_TOPIC ="]


def test_the_judges_name_changes_with_the_model(market, tmp_path):
    assert market.run(config(write_model(tmp_path / "one")), "a") == 0
    assert market.run(config(write_model(tmp_path / "two", start_card(offsets=[0.1] * 4))), "b") == 0
    assert judgments(market, "a")[0].judge != judgments(market, "b")[0].judge


def altered(model):
    (model / MODEL_FILE).write_bytes(b"other")


def unsigned(model):
    (model / "model.sig").unlink()


@pytest.mark.parametrize("spoil", [altered, unsigned])
def test_a_model_that_is_not_as_signed_ends_the_stage_with_2(market, tmp_path, capfd, spoil):
    model = write_model(tmp_path / "model")
    spoil(model)
    assert market.run(config(model)) == 2
    assert "is not run" in capfd.readouterr().err
    assert not (tmp_path / "judging" / "manifest.json").exists()


def test_a_model_of_another_language_ends_the_stage_with_2(market, tmp_path, capfd):
    assert market.run(config(write_model(tmp_path / "model", start_card(language="de")))) == 2
    assert "trained on 'de'" in capfd.readouterr().err


def test_a_key_that_is_missing_ends_the_stage_with_2(market, tmp_path, capfd):
    named = {"trained": {"model": str(write_model(tmp_path / "model")), "public_key_file": str(tmp_path / "no.pub")}}
    assert market.run(named) == 2
    assert "no.pub" in capfd.readouterr().err
