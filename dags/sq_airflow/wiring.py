"""Reads pipeline.json: which stage follows which, and the contract of each."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from sq_airflow.json_model import ProtoJson, read_json

# The contracts' trigger rules, as Airflow names them.
_TRIGGER_RULES = {
    "TRIGGER_RULE_UNSPECIFIED": "all_success",
    "TRIGGER_RULE_ALL_SUCCESS": "all_success",
    "TRIGGER_RULE_ALL_DONE": "all_done",
    # Not all_done_min_one_success: Airflow would skip the task if any source is skipped, as in a run that leaves out
    # markets. The task itself checks that one source succeeded.
    "TRIGGER_RULE_NONE_SKIPPED_MIN_ONE_SUCCESS": "all_done",
}


class Secret(ProtoJson):
    """A secret that the stage reads as an environment variable, as the file `mount_path`, or both."""

    name: str
    env: str = ""
    mount_path: str = ""
    optional: bool = False


class Resources(ProtoJson):
    """Kubernetes quantities; empty where the stage sets none."""

    cpu_request: str = ""
    cpu_limit: str = ""
    memory_request: str = ""
    memory_limit: str = ""
    ephemeral_storage: str = ""


class Retry(ProtoJson):
    """Number of attempts, the first included, and the seconds between them."""

    max_attempts: int
    initial_backoff_seconds: int = 0
    max_backoff_seconds: int = 0


class Output(ProtoJson):
    """The stage's artefact."""

    message_type: str


class Contract(ProtoJson):
    """What a stage promises to whoever starts it (sq.v1.StageContract)."""

    name: str
    summary: str
    image: str
    entrypoint: Annotated[tuple[str, ...], Field(min_length=1)]
    output: Output
    secrets: tuple[Secret, ...] = ()
    resources: Resources
    retry: Retry
    timeout_seconds: int
    pool: str = ""

    @property
    def program(self) -> str:
        return self.entrypoint[0]


class Stage(ProtoJson):
    """A contract and its digest."""

    contract: Contract
    contract_digest: str = ""


class Edge(ProtoJson):
    """An input of a node, and the node whose output it reads."""

    input: str
    source: str = Field(alias="from")


class Node(ProtoJson):
    """One place of a stage in the pipeline.

    Attributes:
        name: unique in the pipeline.
        scope: one task for each market, or one for the run.
        after: names of further nodes that must end before.
    """

    name: str
    stage: str
    scope: Literal["SCOPE_MARKET", "SCOPE_RUN"]
    sharded: bool = False
    inputs: tuple[Edge, ...] = ()
    config_field: str
    trigger_rule: Literal[tuple(_TRIGGER_RULES)] = "TRIGGER_RULE_UNSPECIFIED"
    after: tuple[str, ...] = ()

    @property
    def per_market(self) -> bool:
        return self.scope == "SCOPE_MARKET"

    @property
    def airflow_trigger_rule(self) -> str:
        return _TRIGGER_RULES[self.trigger_rule]

    @property
    def needs_all(self) -> bool:
        """The task starts only when every input is available; otherwise one is enough."""
        return self.airflow_trigger_rule == "all_success"


class Pipeline(ProtoJson):
    """The nodes, each after those it reads from.

    Attributes:
        folder: below the workspace, for its runs; empty for the workspace itself.
    """

    name: str = ""
    folder: str = ""
    nodes: tuple[Node, ...]


class Wiring(ProtoJson):
    """The pipeline and the contracts of its stages (sq.v1.RenderedPipeline)."""

    pipeline: Pipeline
    stages: tuple[Stage, ...]

    def node(self, name: str) -> Node:
        return {node.name: node for node in self.pipeline.nodes}[name]

    def stage(self, name: str) -> Stage:
        return {stage.contract.name: stage for stage in self.stages}[name]

    @property
    def market_nodes(self) -> tuple[Node, ...]:
        return tuple(node for node in self.pipeline.nodes if node.per_market)

    @property
    def run_nodes(self) -> tuple[Node, ...]:
        return tuple(node for node in self.pipeline.nodes if not node.per_market)


def read_wiring(path: Path) -> Wiring:
    """The wiring in a rendered pipeline.json. Raises ValueError with the file, the field and the fix."""
    return read_json(path, Wiring, "render it again with //pipeline")
