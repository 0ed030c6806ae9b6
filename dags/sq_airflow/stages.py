"""Makes the Airflow task of a node of the wiring, run as a pod or as a process."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from airflow.sdk import Asset

from sq_airflow.images import Images, read_images
from sq_airflow.mail import mail
from sq_airflow.places import Places
from sq_airflow.pod_factory import SIDECAR_IMAGE
from sq_airflow.process_operator import StageProcessOperator
from sq_airflow.run_config import Market, RunConfig, read_run_config
from sq_airflow.settings import Settings, read_settings
from sq_airflow.stage_operator import StageOperator
from sq_airflow.stage_task import RUN_FOLDER, Source, StageTask
from sq_airflow.wiring import Contract, Node, Stage, Wiring, read_wiring
from sq_interval import MarketLogs

# Airflow may notice late that a pod has ended; the pod itself has the stage's time limit.
_SLACK = timedelta(minutes=10)
# Of the folder of a run, and of the DAG's own tasks.
OWN_NAMES = frozenset([RUN_FOLDER, "announce", "pin", "verdict"])
REPORT = Asset(name="search_quality_report", uri="sq://search-quality/report", group="search_quality")


@dataclass(frozen=True)
class Stages:
    """What a DAG of stages is made of."""

    wiring: Wiring
    run: RunConfig
    settings: Settings
    images: Images | None

    @classmethod
    def read(cls, places: Places) -> Stages:
        """Reads the rendered files. Raises ValueError with the file, the field and the fix."""
        settings = read_settings(places.settings)
        images = read_images(places.images) if settings.runtime == "kubernetes" else None
        wiring, run = read_wiring(places.pipeline), read_run_config(places.run_config)
        _check_names(run, wiring, places)
        return cls(wiring, run, settings, images)

    def task(self, node: Node, market: Market | None = None, **more: Any) -> Any:
        """The task of a node, in a market or in the run; mapped over shards if the node is sharded."""
        stage = self.wiring.stage(node.stage)
        contract = stage.contract
        arguments = {
            "task_id": task_name(node.name),
            "stage": self._stage_task(node, contract, market),
            "storage_conn_id": self.settings.storage_conn_id,
            **self._runtime(contract),
            **self._policy(node, stage),
            **more,
        }
        operator = StageOperator if self.settings.runtime == "kubernetes" else StageProcessOperator
        if not node.sharded:
            return operator(**arguments)
        shards = _shards(node, market)
        mapped = operator.partial(**arguments, map_index_template="shard {{ task.shard }}")
        return mapped.expand(shard=[f"{index}/{shards}" for index in range(shards)])

    def _stage_task(self, node: Node, contract: Contract, market: Market | None) -> StageTask:
        return StageTask(
            contract=contract,
            node=node.name,
            market=market.market if market else "",
            workspace=self.run.workspace_uri,
            config_field=node.config_field,
            config=(market or self.run).stage_config(node.config_field),
            sources=tuple(
                source for edge in node.inputs for source in self._sources(edge.input, edge.source, node, market)
            ),
            needs_all=node.needs_all,
            judges=self.settings.judges,
            logs=MarketLogs.of(market.model_extra) if market else None,
        )

    def _sources(self, name: str, source_name: str, node: Node, market: Market | None) -> list[Source]:
        source = self.wiring.node(source_name)
        if not source.per_market:
            return [Source(name, task_name(source_name), 0, False)]
        return [
            Source(
                name,
                f"{item.market}.{task_name(source_name)}",
                _shards(source, item) if source.sharded else 0,
                source.sharded and node.sharded,
            )
            for item in ([market] if market else self.run.markets)
        ]

    def _runtime(self, contract: Contract) -> dict[str, Any]:
        if self.images is None:
            return {}
        return {
            "image": self.images.get(contract.image),
            "sidecar_image": self.images.get(SIDECAR_IMAGE),
            "pods": self.settings.pods_of(contract.name),
        }

    def _policy(self, node: Node, stage: Stage) -> dict[str, Any]:
        contract, retry, pods = stage.contract, stage.contract.retry, self.settings.pods
        wait = self.settings.retry_seconds if self.settings.retry_seconds is not None else retry.initial_backoff_seconds
        start = timedelta(seconds=pods.startup_timeout_seconds + pods.schedule_timeout_seconds)
        return {
            "owner": self.settings.owner,
            "retries": retry.max_attempts - 1,
            "retry_delay": timedelta(seconds=wait),
            "retry_exponential_backoff": 2.0,
            "max_retry_delay": timedelta(seconds=max(retry.max_backoff_seconds, wait)),
            "execution_timeout": timedelta(seconds=contract.timeout_seconds) + start + _SLACK,
            "pool": f"sq_{contract.pool}" if contract.pool else "default_pool",
            # Later stages first: a market finishes before another begins.
            "priority_weight": 10 * (1 + [item.name for item in self.wiring.pipeline.nodes].index(node.name)),
            "weight_rule": "absolute",
            "trigger_rule": node.airflow_trigger_rule,
            "doc_md": f"**{contract.summary}**\n\nImage `{contract.image}`, contract `{stage.contract_digest}`.",
            **mail(self.settings),
        }


def task_name(node: str) -> str:
    return node.replace("-", "_")


def _check_names(run: RunConfig, wiring: Wiring, places: Places) -> None:
    """Raises ValueError if a market has the name of a stage or a task: in the DAG, it is a group of tasks."""
    taken = {node.name for node in wiring.pipeline.nodes} | {stage.contract.name for stage in wiring.stages} | OWN_NAMES
    for name in [market.market for market in run.markets if market.market in taken]:
        raise ValueError(f"{places.run_config}: market {name} has the name of a stage or task; name it otherwise")


def _shards(node: Node, market: Market | None) -> int:
    return market.shards if node.sharded and market else 1
