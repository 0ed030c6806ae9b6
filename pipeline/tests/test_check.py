from collections.abc import Callable
from pathlib import Path

import pytest
from google.protobuf import text_format

from sq.v1.pipeline_pb2 import Node, Pipeline, Scope
from sq.v1.stage_contract_pb2 import StageContract
from sq_pipeline import WiringError, check, render

ROOT = Path(__file__).parents[2]


def load() -> tuple[Pipeline, dict[str, StageContract]]:
    text = (ROOT / "pipeline/pipeline.textproto").read_text()
    contracts = [
        text_format.Parse(path.read_text(), StageContract())
        for path in sorted((ROOT / "stages").rglob("stage.textproto"))
    ]
    return text_format.Parse(text, Pipeline()), {contract.name: contract for contract in contracts}


def node(pipeline: Pipeline, stage: str) -> Node:
    return next(item for item in pipeline.nodes if item.stage == stage)


def test_the_wiring_fits_the_contracts() -> None:
    pipeline, contracts = load()
    rendered = render(pipeline, list(contracts.values()))
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
