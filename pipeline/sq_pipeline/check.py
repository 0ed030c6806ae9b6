"""Checks the wiring against the contracts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from sq.v1.pipeline_pb2 import Edge, Node, Pipeline, Scope
from sq.v1.run_config_pb2 import MarketConfig, RunConfig
from sq.v1.stage_contract_pb2 import StageContract


class WiringError(ValueError):
    """The wiring does not fit the contracts."""


def name_of(node: Node) -> str:
    """The node's own name; its stage's where it has none."""
    return node.name or node.stage


def check(pipeline: Pipeline, contracts: Mapping[str, StageContract]) -> None:
    """Checks that nodes and contracts are the same stages, inputs have one source of their type, and order is possible.

    Raises:
        WiringError: names the node, the field and what was expected.
    """
    before: dict[str, Node] = {}
    for node in pipeline.nodes:
        name = name_of(node)
        if name in before:
            raise WiringError(f"{name}: two nodes have this name; give one of them a name of its own")
        contract = contracts.get(node.stage)
        if contract is None:
            raise WiringError(f"{name}: has no contract; known are {', '.join(sorted(contracts))}")
        _check_inputs(node, contract)
        for edge in node.inputs:
            _check_edge(node, edge, before, contracts)
        for earlier in node.after:
            if earlier not in before:
                raise WiringError(f"{name}.after: {earlier} does not stand before it")
        _check_configuration(node, contract)
        if node.sharded and not contract.sharded:
            raise WiringError(f"{name}: is wired sharded, and its contract is not")
        before[name] = node
    for stage in sorted(contracts.keys() - {node.stage for node in pipeline.nodes}):
        raise WiringError(f"{stage}: no node of the pipeline runs it; add a node, or remove the stage's folder")


def _check_inputs(node: Node, contract: StageContract) -> None:
    name = name_of(node)
    wired = Counter(edge.input for edge in node.inputs)
    needed = sorted(item.name for item in contract.inputs if not item.optional)
    unknown = sorted(wired.keys() - {item.name for item in contract.inputs})
    missing = [item for item in needed if item not in wired]
    if unknown or missing:
        raise WiringError(f"{name}: wires the inputs {sorted(wired)}, its contract has {needed}")
    for item in contract.inputs:
        if wired[item.name] > 1 and not item.many:
            raise WiringError(f"{name}.{item.name}: has {wired[item.name]} edges, and takes one artefact")


def _check_edge(node: Node, edge: Edge, before: Mapping[str, Node], contracts: Mapping[str, StageContract]) -> None:
    where = f"{name_of(node)}.{edge.input}"
    source = before.get(getattr(edge, "from"))
    if source is None:
        raise WiringError(f"{where}: comes from {getattr(edge, 'from')}, which does not stand before it")
    item = next(item for item in contracts[node.stage].inputs if item.name == edge.input)
    given = contracts[source.stage].output.message_type
    if given != item.message_type:
        raise WiringError(f"{where}: takes {item.message_type}, and {name_of(source)} gives {given}")
    many_shards = source.sharded and not node.sharded
    many_markets = source.scope == Scope.SCOPE_MARKET and node.scope == Scope.SCOPE_RUN
    if (many_shards or many_markets) and not item.many:
        raise WiringError(f"{where}: the wiring gives it many artefacts, and it takes one")
    if source.scope == Scope.SCOPE_RUN and node.scope == Scope.SCOPE_MARKET:
        raise WiringError(f"{where}: a stage of a market cannot follow a stage of the run")


def _check_configuration(node: Node, contract: StageContract) -> None:
    owner = MarketConfig if node.scope == Scope.SCOPE_MARKET else RunConfig
    message = owner.DESCRIPTOR
    for name in node.config_field.split("."):
        field = message.fields_by_name.get(name) if message else None
        message = field.message_type if field else None
    found = message.full_name if message else "nothing"
    if found != contract.config_type:
        raise WiringError(
            f"{name_of(node)}.config_field: {node.config_field} of {owner.DESCRIPTOR.name} is {found}, "
            f"its contract wants {contract.config_type}"
        )
