from collections.abc import Callable
from pathlib import Path

import pytest
from google.protobuf import text_format

from sq.v1.pipeline_pb2 import Node, Pipeline, Scope
from sq.v1.stage_contract_pb2 import StageContract
from sq_pipeline import WiringError, check, render

ROOT = Path(__file__).parents[2]


# Wiring and the folders of its contracts.
_WIRINGS = {
    "pipeline": ["*/stage.textproto", "report_py/consolidate/stage.textproto"],
    "judge-training": ["generate_py/stage.textproto", "train_py/**/stage.textproto"],
    "judge-inference": ["predict_py/**/stage.textproto"],
}


def load(wiring: str = "pipeline") -> tuple[Pipeline, dict[str, StageContract]]:
    text = (ROOT / f"pipeline/{wiring}.textproto").read_text()
    paths = sorted(path for pattern in _WIRINGS[wiring] for path in (ROOT / "stages").glob(pattern))
    contracts = [text_format.Parse(path.read_text(), StageContract()) for path in paths]
    return text_format.Parse(text, Pipeline()), {contract.name: contract for contract in contracts}


def node(pipeline: Pipeline, stage: str) -> Node:
    return next(item for item in pipeline.nodes if item.stage == stage)


@pytest.mark.parametrize("wiring", _WIRINGS)
def test_each_wiring_fits_its_contracts(wiring: str) -> None:
    pipeline, contracts = load(wiring)
    rendered = render(pipeline, list(contracts.values()))
    assert rendered.pipeline.folder == pipeline.folder
    assert [s.contract.name for s in rendered.stages] == list(dict.fromkeys(n.stage for n in pipeline.nodes))


def test_every_node_has_a_name_of_its_own_once_rendered() -> None:
    pipeline, contracts = load()
    names = [n.name for n in render(pipeline, list(contracts.values())).pipeline.nodes]
    assert names == [n.name or n.stage for n in pipeline.nodes]
    assert len(set(names)) == len(names) > len({n.stage for n in pipeline.nodes})


def _wrong_type(pipeline: Pipeline) -> None:
    setattr(node(pipeline, "evaluate").inputs[1], "from", "generate")


def _missing_input(pipeline: Pipeline) -> None:
    del node(pipeline, "report").inputs[:]


def _two_edges(pipeline: Pipeline) -> None:
    edge = node(pipeline, "ner-diff").inputs.add(input="queries")
    setattr(edge, "from", "generate")


def _unknown_input(pipeline: Pipeline) -> None:
    node(pipeline, "diagnose").inputs[0].input = "clicks"


def _unknown_stage(pipeline: Pipeline) -> None:
    pipeline.nodes[0].stage = "conjure"


def _twice(pipeline: Pipeline) -> None:
    pipeline.nodes.append(pipeline.nodes[0])


def _backwards(pipeline: Pipeline) -> None:
    setattr(node(pipeline, "retrieve").inputs[0], "from", "report")


def _wrong_config(pipeline: Pipeline) -> None:
    node(pipeline, "retrieve").config_field = "evaluate"


def _wrong_part(pipeline: Pipeline) -> None:
    node(pipeline, "retrieve").config_field = "retrieve.top_k"


def _after_a_later_one(pipeline: Pipeline) -> None:
    node(pipeline, "retrieve").after.append("report")


def _sharded(pipeline: Pipeline) -> None:
    node(pipeline, "report").sharded = True


def _unwired(pipeline: Pipeline) -> None:
    del pipeline.nodes[-1]


def _many(pipeline: Pipeline) -> None:
    node(pipeline, "generate").scope = Scope.SCOPE_RUN


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (_wrong_type, "evaluate.retrieval: takes sq.v1.RetrievalRecord, and generate gives"),
        (_missing_input, "report: wires the inputs"),
        (_unknown_stage, "conjure: has no contract"),
        (_two_edges, "ner-diff.queries: has 2 edges, and takes one artefact"),
        (_unknown_input, "diagnose: wires the inputs"),
        (_twice, "generate: two nodes have this name"),
        (_backwards, "retrieve.queries: comes from report, which does not stand before it"),
        (_wrong_config, "retrieve.config_field"),
        (_wrong_part, "retrieve.config_field: retrieve.top_k of MarketConfig is nothing"),
        (_after_a_later_one, "retrieve.after: report does not stand before it"),
        (_sharded, "report: is wired sharded"),
        (_many, "generate"),
        (_unwired, "consolidate: no node of the pipeline runs it"),
    ],
)
def test_a_wrong_wiring_is_refused(spoil: Callable[[Pipeline], None], said: str) -> None:
    pipeline, contracts = load()
    spoil(pipeline)
    with pytest.raises(WiringError, match=said):
        check(pipeline, contracts)
