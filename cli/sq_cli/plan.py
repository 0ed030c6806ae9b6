"""Expands the wiring and a run's configuration into tasks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from google.protobuf.message import Message

from sq.v1.pipeline_pb2 import Node, RenderedPipeline, Scope, TriggerRule
from sq.v1.run_config_pb2 import MarketConfig, RunConfig
from sq.v1.stage_contract_pb2 import StageContract
from sq_handoff.location import join

TaskKey = tuple[str, str, int]  # market ("" for the run's own), node, shard
RUN_FOLDER = "all-markets"


@dataclass(frozen=True)
class Task:
    """One execution of one stage.

    Attributes:
        inputs: input name and the task that makes it, in the order of the command line.
        shard: "I/N", empty for an unsharded node.
        needs_all: the task starts only when every input is available; otherwise one is enough, once all have ended.
    """

    key: TaskKey
    contract: StageContract
    market: str
    shard: str
    config: Message
    inputs: tuple[tuple[str, TaskKey], ...]
    output: str
    needs_all: bool

    @property
    def name(self) -> str:
        return " ".join(part for part in (self.market, self.key[1], self.shard) if part)

    def without(self, markets: Sequence[str]) -> Task:
        """The task without the inputs of some markets.

        Its output names them, so that the artefact of all markets can be written once they are available.
        """
        missing = ".".join(sorted(set(markets)))
        return replace(self, output=f"{self.output}-without-{missing}") if missing else self


def plan(config: RunConfig, rendered: RenderedPipeline, run_id: str) -> list[Task]:
    """All tasks of a run, each after those it reads from."""
    contracts = {stage.contract.name: stage.contract for stage in rendered.stages}
    nodes = {node.name: node for node in rendered.pipeline.nodes}
    prefix = join(config.workspace_uri, run_id)
    tasks = []
    for node in rendered.pipeline.nodes:
        per_market = node.scope == Scope.SCOPE_MARKET
        for market in config.markets if per_market else [None]:
            for index in range(_shards(node, market)):
                tasks.append(_task(config, nodes, contracts, node, market, index, prefix))
    return tasks


def _shards(node: Node, market: MarketConfig | None) -> int:
    return max(market.shards, 1) if node.sharded and market else 1


def _task(
    config: RunConfig,
    nodes: Mapping[str, Node],
    contracts: Mapping[str, StageContract],
    node: Node,
    market: MarketConfig | None,
    index: int,
    prefix: str,
) -> Task:
    name = market.market if market else ""
    count = _shards(node, market)
    folder = join(prefix, name or RUN_FOLDER, node.name)
    return Task(
        key=(name, node.name, index),
        contract=contracts[node.stage],
        market=name,
        shard=f"{index}/{count}" if node.sharded else "",
        config=getattr(market or config, node.config_field),
        inputs=tuple(
            (edge.input, key)
            for edge in node.inputs
            for key in _sources(config, nodes[getattr(edge, "from")], node, market, index)
        ),
        output=join(folder, f"shard-{index}-of-{count}") if node.sharded else folder,
        needs_all=node.trigger_rule in (TriggerRule.TRIGGER_RULE_UNSPECIFIED, TriggerRule.TRIGGER_RULE_ALL_SUCCESS),
    )


def _sources(config: RunConfig, source: Node, node: Node, market: MarketConfig | None, index: int) -> list[TaskKey]:
    """The tasks one edge reads from: shard I reads shard I, any other node reads all shards and markets."""
    markets = [market] if market else list(config.markets)
    if source.scope == Scope.SCOPE_RUN:
        return [("", source.name, 0)]
    if source.sharded and node.sharded:
        return [(market.market, source.name, index)]
    return [(m.market, source.name, shard) for m in markets for shard in range(_shards(source, m))]
