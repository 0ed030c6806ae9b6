"""`sq plan` counts the requests that the judge then makes, those of its canaries too."""

import json
from dataclasses import replace

import pytest
from google.protobuf import json_format
from planned_market import found_in

from sq.v1.evaluate_config_pb2 import EvaluateConfig
from sq.v1.source_pb2 import OpenAiEndpoint
from sq_cli.money.estimate import Rates, usage_of
from sq_cli.money.pairs import pairs_to_judge
from sq_cli.money.requests import nothing_kept, requests_for
from sq_evaluate import __main__ as evaluate
from sq_evaluate.judges.openai_judge import BATCH_SIZE
from sq_evaluate.judges.rubrics import rubric_of
from sq_evaluate.judges.trials import canary_share
from sq_evaluate.judges.whole import Whole
from sq_evaluate.run import run
from sq_llm import Endpoint
from sq_llm_server import LlmServer
from sq_llm_server.server import digest_of
from sq_stagekit import Stage, run_stage

RUBRIC = Whole()


@pytest.fixture
def found(tmp_path):
    return found_in(tmp_path)


@pytest.fixture
def endpoint(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "not sent")
    return Endpoint(OpenAiEndpoint(model="m", base_url="http://127.0.0.1:9/v1"), "endpoint")


@pytest.mark.parametrize(("packing", "share", "calls", "canaries"), [(10, 0.01, 5, 2), (10, 1, 7, 4), (1, 1, 9, 2)])
def test_canaries_are_calls_beside_those_of_the_pairs(found, endpoint, packing, share, calls, canaries):
    """Two for each canary, or one where the product as it is is a request already. What probes find has none."""
    asked = list(pairs_to_judge(EvaluateConfig(), found))
    made = requests_for(asked, endpoint, RUBRIC, packing, nothing_kept, canary_share=share)
    assert (made.pairs, made.new, made.hits) == (7, 7, 0)
    assert (made.calls, made.canaries, made.answered) == (calls, canaries, 7 + canaries)
    plain = requests_for(asked, endpoint, RUBRIC, packing, nothing_kept, canary_share=0)
    assert made.input_bytes > plain.input_bytes
    spent = usage_of(made, Rates(output_tokens=50)).output_tokens
    assert spent - usage_of(plain, Rates(output_tokens=50)).output_tokens == 50 * canaries


@pytest.mark.parametrize("judge", [{}, {"batchSize": 1}, {"batchSize": 2, "rubric": "RUBRIC_FACETS"}])
def test_a_run_sends_the_requests_that_were_planned(found, monkeypatch, tmp_path, judge):
    """Those of its canaries too."""
    monkeypatch.setenv("OPENAI_API_KEY", "k")
    planned = []

    def keep(bodies):
        planned.extend(digest_of(json.dumps(body).encode()) for body in bodies)
        return nothing_kept(bodies)

    with LlmServer() as server:
        openai = {"endpoint": {"model": "m", "baseUrl": server.url}, "canaries": {"share": 0.5}, **judge}
        config = json_format.ParseDict({"openai": openai}, EvaluateConfig())
        arguments = ["--run-id", "r", "--market", "uk", "--output", str(tmp_path / "judging")]
        for name, uris in (("queries", found.queries), ("retrieval", found.retrieval)):
            arguments += ["--input", f"{name}={uris[0]}"]
        assert (
            run_stage(Stage.beside(evaluate.__file__), run, [*arguments, "--config", json.dumps({"openai": openai})])
            == 0
        )
        made = requests_for(
            list(pairs_to_judge(config, replace(found, probes=[], probe_retrieval=[]))),
            Endpoint(config.openai.endpoint, "endpoint"),
            rubric_of(config.openai),
            config.openai.batch_size or BATCH_SIZE,
            keep,
            canary_share=canary_share(config.openai.canaries),
        )
        sent = [call["request"] for call in server.calls]
    assert sorted(planned) == sorted(sent)
    assert made.calls == len(sent)
    assert made.canaries in (1, 2)
