"""Reads pipeline.json: which stage follows which, and what each promises."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

# The contracts' trigger rules, in Airflow's words.
_TRIGGER_RULES = {
    "": "all_success",
    "TRIGGER_RULE_UNSPECIFIED": "all_success",
    "TRIGGER_RULE_ALL_SUCCESS": "all_success",
    "TRIGGER_RULE_ALL_DONE": "all_done",
    # Not all_done_min_one_success: it skips a task of which any source is skipped, as in a run that leaves markets out.
    # That there is one success is looked at by the task.
    "TRIGGER_RULE_NONE_SKIPPED_MIN_ONE_SUCCESS": "all_done",
}


@dataclass(frozen=True)
class Secret:
    """A secret the stage may ask for: reaches it as an environment variable or as the file `mount_path`, or both."""

    name: str
    env: str
    mount_path: str
    optional: bool


@dataclass(frozen=True)
class Resources:
    """Kubernetes quantities; empty where the stage sets none."""

    cpu_request: str
    cpu_limit: str
    memory_request: str
    memory_limit: str
    ephemeral_storage: str


@dataclass(frozen=True)
class Retry:
    """Attempts in all, and the seconds between them."""

    max_attempts: int
    initial_backoff_seconds: int
    max_backoff_seconds: int


@dataclass(frozen=True)
class Contract:
    """What a stage promises to whoever starts it (sq.v1.StageContract)."""

    name: str
    summary: str
    image: str
    program: str
    output_type: str
    config_type: str
    contract_digest: str
    secrets: tuple[Secret, ...]
    resources: Resources
    retry: Retry
    timeout_seconds: int
    pool: str


@dataclass(frozen=True)
class Edge:
    """An input of a node, and the stage whose output it reads."""

    input: str
    source: str


@dataclass(frozen=True)
class Node:
    """One stage's place in the pipeline.

    Attributes:
        per_market: once for each market; otherwise once for the run.
        trigger_rule: Airflow's name of it.
    """

    stage: str
    per_market: bool
    sharded: bool
    inputs: tuple[Edge, ...]
    config_field: str
    trigger_rule: str

    @property
    def needs_all(self) -> bool:
        """Starts only when every input is there; otherwise one is enough."""
        return self.trigger_rule == "all_success"


@dataclass(frozen=True)
class Wiring:
    """The pipeline, each node after those it reads from."""

    name: str
    nodes: tuple[Node, ...]
    contracts: Mapping[str, Contract]

    def node(self, stage: str) -> Node:
        return next(node for node in self.nodes if node.stage == stage)

    @property
    def market_nodes(self) -> tuple[Node, ...]:
        return tuple(node for node in self.nodes if node.per_market)

    @property
    def run_nodes(self) -> tuple[Node, ...]:
        return tuple(node for node in self.nodes if not node.per_market)


def read_wiring(path: Path) -> Wiring:
    """The wiring in a rendered pipeline.json (protojson of sq.v1.RenderedPipeline).

    Raises:
        ValueError: with the file, and what is missing or unknown in it.
    """
    try:
        rendered = json.loads(path.read_text(encoding="utf-8"))
        contracts = [_contract(stage) for stage in rendered["stages"]]
        return Wiring(
            name=rendered["pipeline"]["name"],
            nodes=tuple(_node(node) for node in rendered["pipeline"]["nodes"]),
            contracts={contract.name: contract for contract in contracts},
        )
    except KeyError as error:
        raise ValueError(f"{path}: {error} is missing; render it again with //pipeline") from error


def _node(fields: dict) -> Node:
    return Node(
        stage=fields["stage"],
        per_market={"SCOPE_MARKET": True, "SCOPE_RUN": False}[fields["scope"]],
        sharded=fields.get("sharded", False),
        inputs=tuple(Edge(edge["input"], edge["from"]) for edge in fields.get("inputs", ())),
        config_field=fields["configField"],
        trigger_rule=_TRIGGER_RULES[fields.get("triggerRule", "")],
    )


def _contract(stage: dict) -> Contract:
    fields = stage["contract"]
    retry = fields["retry"]
    return Contract(
        name=fields["name"],
        summary=fields["summary"],
        image=fields["image"],
        program=fields["entrypoint"][0],
        output_type=fields["output"]["messageType"],
        config_type=fields["configType"],
        contract_digest=stage.get("contractDigest", ""),
        secrets=tuple(
            Secret(
                secret["name"],
                secret.get("env", ""),
                secret.get("mountPath", ""),
                secret.get("optional", False),
            )
            for secret in fields.get("secrets", ())
        ),
        resources=_resources(fields["resources"]),
        retry=Retry(retry["maxAttempts"], retry.get("initialBackoffSeconds", 0), retry.get("maxBackoffSeconds", 0)),
        timeout_seconds=fields["timeoutSeconds"],
        pool=fields.get("pool", ""),
    )


def _resources(fields: dict) -> Resources:
    return Resources(
        cpu_request=fields.get("cpuRequest", ""),
        cpu_limit=fields.get("cpuLimit", ""),
        memory_request=fields.get("memoryRequest", ""),
        memory_limit=fields.get("memoryLimit", ""),
        ephemeral_storage=fields.get("ephemeralStorage", ""),
    )
