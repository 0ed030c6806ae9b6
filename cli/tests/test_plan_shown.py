"""`sq plan` counts what the model is shown beside the texts: guidelines of queries, and pictures of products."""

import json
from dataclasses import replace

import pytest
from google.protobuf import json_format
from planned_market import found_in

from sq.v1.evaluate_config_pb2 import EvaluateConfig
from sq.v1.manifest_pb2 import ModelUsage
from sq_cli.money.estimate import Rates, measured, usage_of
from sq_cli.money.guidelines import guided
from sq_cli.money.pairs import pairs_to_judge
from sq_cli.money.requests import every_pair, kept_in, left_in, nothing_kept, requests_for
from sq_evaluate import __main__ as evaluate
from sq_evaluate.judges.guideline import OUTPUT_TOKENS, GuidelineForm
from sq_evaluate.judges.openai_judge import BATCH_SIZE
from sq_evaluate.judges.pictures.source import picture_tokens, planned_pictures
from sq_evaluate.judges.rubrics import rubric_of
from sq_evaluate.judges.trials import canary_share
from sq_evaluate.run import run
from sq_llm import Endpoint, PaidAnswers, place_at
from sq_llm_server import LlmServer
from sq_llm_server.answers import answer
from sq_stagekit import Stage, run_stage

MARKET = "uk"


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "k")
    with LlmServer() as started:
        yield started


def planned(found, openai, cache=""):
    """What is planned for the results, without those of probes."""
    config = json_format.ParseDict({"openai": openai}, EvaluateConfig())
    endpoint, rubric = Endpoint(config.openai.endpoint, "endpoint"), rubric_of(config.openai)
    form = GuidelineForm(config.openai, MARKET, "openai") if config.openai.HasField("guideline") else None
    answers = PaidAnswers(place_at(cache), buyer="plan") if cache else None
    asked = list(pairs_to_judge(config, replace(found, probes=[], probe_retrieval=[])))
    shown = guided(asked, endpoint, form, answers)
    if config.openai.HasField("pictures"):
        shown = replace(shown, asked=list(planned_pictures(shown.asked, config.openai.pictures)))
    kept = kept_in(answers, endpoint) if answers else nothing_kept
    left = left_in(answers, endpoint, rubric, BATCH_SIZE) if answers else every_pair
    share = canary_share(config.openai.canaries)
    tokens = picture_tokens(config.openai.pictures)
    return requests_for(shown.asked, endpoint, rubric, BATCH_SIZE, kept, left, share, shown.new, tokens)


def judge(found, folder, openai, run_id):
    config = {"openai": openai, "cacheUri": str(folder / "cache")}
    arguments = ["--run-id", run_id, "--market", MARKET, "--output", str(folder / run_id)]
    for name, uris in (("queries", found.queries), ("retrieval", found.retrieval)):
        arguments += ["--input", f"{name}={uris[0]}"]
    return run_stage(Stage.beside(evaluate.__file__), run, [*arguments, "--config", json.dumps(config)])


@pytest.mark.parametrize("canaries", [{"share": 0}, {"share": 0.5}])
def test_a_run_makes_the_calls_that_were_planned_and_the_next_one_none(tmp_path, server, canaries):
    found = found_in(tmp_path)
    openai = {"endpoint": {"model": "m", "baseUrl": server.url}, "canaries": canaries, "guideline": {}}
    made = planned(found, openai)
    assert made.guidelines == len({one.query.query_id for one in pairs_to_judge(EvaluateConfig(), found)})
    assert judge(found, tmp_path, openai, "monday") == 0
    assert made.calls == len(server.calls)
    again = planned(found, openai, str(tmp_path / "cache"))
    assert (again.calls, again.guidelines, again.new) == (0, 0, 0)
    assert again.hits == again.pairs == made.pairs


def test_kept_guidelines_alone_leave_the_pairs_to_be_asked_about(tmp_path, server):
    found = found_in(tmp_path)
    openai = {"endpoint": {"model": "m", "baseUrl": server.url}, "canaries": {"share": 0}, "guideline": {}}
    assert judge(found, tmp_path, openai, "monday") == 0
    other = planned(found, {**openai, "rubric": "RUBRIC_FACETS"}, str(tmp_path / "cache"))
    assert (other.guidelines, other.new) == (0, other.pairs)


def test_a_query_whose_guideline_is_no_guideline_costs_nothing_more(tmp_path, server):
    found = found_in(tmp_path)
    openai = {"endpoint": {"model": "m", "baseUrl": server.url}, "canaries": {"share": 0}, "guideline": {}}

    def told(request):
        document = json.loads(request["messages"][-1]["content"])
        return answer(request) if "products" in document else "no JSON"

    server.answer = told
    assert judge(found, tmp_path, openai, "monday") == 2
    assert planned(found, openai, str(tmp_path / "cache")).calls == 0


def test_the_cost_has_their_tokens_and_a_bill_is_read_without_them(tmp_path, server):
    found = found_in(tmp_path)
    openai = {"endpoint": {"model": "m", "baseUrl": server.url}, "canaries": {"share": 0}}
    plain, with_them = planned(found, openai), planned(found, {**openai, "guideline": {}})
    rates = Rates(output_tokens=50)
    more = usage_of(with_them, rates).output_tokens - usage_of(plain, rates).output_tokens
    assert more == with_them.guidelines * OUTPUT_TOKENS
    assert with_them.input_bytes > plain.input_bytes
    spent = usage_of(with_them, rates)
    bill = ModelUsage(calls=spent.calls, input_tokens=spent.input_tokens, output_tokens=spent.output_tokens)
    assert measured(with_them, [bill], "r", Rates()).output_tokens == pytest.approx(50)


def test_pictures_are_counted_with_their_tokens_and_kept_pairs_are_found(tmp_path, server):
    found = found_in(tmp_path, "https://shop.example/{}.jpg")
    openai = {"endpoint": {"model": "m", "baseUrl": server.url}, "canaries": {"share": 0}}
    with_them = {**openai, "pictures": {"detail": "low"}}
    plain, made = planned(found, openai), planned(found, with_them)
    assert (plain.pictures, made.pictures) == (0, made.pairs)
    rates = Rates(bytes_per_token=3.0, output_tokens=50)
    words = round(made.input_bytes / 3.0)
    assert usage_of(made, rates).input_tokens == words + made.pairs * 85
    spent = usage_of(made, rates)
    bill = ModelUsage(calls=spent.calls, input_tokens=spent.input_tokens, output_tokens=spent.output_tokens)
    assert measured(made, [bill], "r", Rates()).bytes_per_token == pytest.approx(3.0, rel=1e-3)
    assert judge(found, tmp_path, with_them, "monday") == 0
    assert made.calls == len(server.calls)
    again = planned(found, with_them, str(tmp_path / "cache"))
    assert (again.calls, again.hits) == (0, made.pairs)


def test_inline_pictures_are_counted_as_new_and_none_is_fetched(tmp_path, server):
    found = found_in(tmp_path, "http://127.0.0.1:9/{}.jpg")
    openai = {"endpoint": {"model": "m", "baseUrl": server.url}, "canaries": {"share": 0}}
    inline = {"mode": "PICTURE_MODE_INLINE", "fetch": {"allowed_hosts": ["127.0.0.1"]}}
    made = planned(found, {**openai, "pictures": inline})
    # A picture of 512 x 512 pixels.
    assert (made.pictures, made.picture_tokens) == (made.pairs, 415)
    assert planned(found, {**openai, "pictures": {}}).pictures == 0
