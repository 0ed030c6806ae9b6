"""Makes the Airflow task of a node of the wiring, run as a pod or as a process."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from airflow.sdk import Asset

from sq_airflow.log_sensor import LogSensor
from sq_airflow.mail import mail
from sq_airflow.process_operator import StageProcessOperator
from sq_airflow.run_config import Market
from sq_airflow.run_files import RunFiles, shards_of, task_name
from sq_airflow.stage_operator import StageOperator
from sq_airflow.stage_pool import pool_of
from sq_airflow.wiring import Node, Stage

__all__ = ["REPORT", "Stages", "task_name"]

# Airflow may notice late that a pod has ended; the pod itself has the stage's time limit.
_SLACK = timedelta(minutes=10)
REPORT = Asset(name="search_quality_report", uri="sq://search-quality/report", group="search_quality")


@dataclass(frozen=True)
class Stages(RunFiles):
    """What a DAG of stages is made of."""

    def task(self, node: Node, market: Market | None = None, **more: Any) -> Any:
        """The task of a node, in a market or in the run; mapped over shards if the node is sharded."""
        stage = self.wiring.stage(node.stage)
        task = self.stage_task(node, market)
        arguments = {
            "task_id": task_name(node.name),
            "stage": task,
            "storage_conn_id": self.settings.storage_conn_id,
            **self.pods(stage.contract),
            **self._policy(node, stage),
            "pool": pool_of(task),
            **more,
        }
        operator = StageOperator if self.settings.runtime == "kubernetes" else StageProcessOperator
        if not node.sharded:
            return operator(**arguments)
        shards = shards_of(node, market)
        mapped = operator.partial(**arguments, map_index_template="shard {{ task.shard }}")
        return mapped.expand(shard=[f"{index}/{shards}" for index in range(shards)])

    def wait_for_log(self, market: str) -> LogSensor | None:
        """The task that waits for the log of a market; None if the settings ask for none."""
        wait = self.settings.wait_for_log
        if wait is None:
            return None
        return LogSensor(
            task_id="wait_for_log",
            market=market,
            storage_conn_id=self.settings.storage_conn_id,
            poke_seconds=wait.poke_seconds,
            timeout_seconds=wait.timeout_seconds,
            retries=3,
            execution_timeout=timedelta(seconds=wait.timeout_seconds) + _SLACK,
        )

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
            # Later stages first: a market finishes before another begins.
            "priority_weight": 10 * (1 + [item.name for item in self.wiring.pipeline.nodes].index(node.name)),
            "weight_rule": "absolute",
            "trigger_rule": node.airflow_trigger_rule,
            "doc_md": f"**{contract.summary}**\n\nImage `{contract.image}`, contract `{stage.contract_digest}`.",
            **mail(self.settings),
        }
