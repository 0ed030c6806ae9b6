"""What a stage's task takes out of Airflow's context, and the way its end is judged, however it is started."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from airflow.sdk.exceptions import AirflowException, AirflowFailException, AirflowSkipException

from sq_airflow.artefacts import accept
from sq_airflow.handoff import Handoff, HandoffError
from sq_airflow.stage_task import StageTask, run_id_of


@dataclass(frozen=True)
class StageRun:
    """One try of a stage's task."""

    task: StageTask
    shard: str
    run_id: str
    try_number: int
    params: Mapping[str, Any]
    storage_conn_id: str

    @classmethod
    def of(cls, context: Mapping[str, Any], task: StageTask, shard: str, storage_conn_id: str) -> StageRun:
        """Raises AirflowSkipException for a market that the run leaves out."""
        params = dict(context["params"])
        chosen = params.get("markets") or []
        if task.market and chosen and task.market not in chosen:
            raise AirflowSkipException(f"market {task.market} is not among this run's markets: {', '.join(chosen)}")
        return cls(task, shard, run_id_of(context["run_id"]), context["ti"].try_number, params, storage_conn_id)

    def arguments(self, ti: Any) -> list[str]:
        """The stage's command line. Raises AirflowFailException where what it reads is not there."""
        return self.task.arguments(self.run_id, self.shard, self.params, self._handoffs(ti))

    def _handoffs(self, ti: Any) -> list[tuple[str, Handoff]]:
        found = []
        own = int(self.shard.partition("/")[0]) if self.shard else -1
        for source in self.task.sources:
            for index in source.map_indexes(own):
                value = ti.xcom_pull(task_ids=source.task_id, map_indexes=index)
                if value is not None:
                    found.append((source.input, self._parsed(value, source.task_id)))
                elif self.task.needs_all:
                    raise AirflowFailException(f"{source.task_id} handed over nothing: clear it, so that it runs again")
        if self.task.sources and not found:
            raise AirflowFailException("nothing to read: every task before this one failed")
        return found

    @staticmethod
    def _parsed(value: object, task_id: str) -> Handoff:
        try:
            return Handoff.parse(value)
        except HandoffError as error:
            raise AirflowFailException(f"what {task_id} handed over is no handoff: {error}") from error

    def accept(self, value: object) -> dict:
        """What the task hands on, once its artefact is really there.

        Raises:
            AirflowException: it is not; another try finds finished work and does not repeat it.
        """
        try:
            handoff = accept(value, self.task.expected(self.run_id, self.shard), self.storage_conn_id)
        except HandoffError as error:
            raise AirflowException(f"{self.task.title(self.shard)} did not do its work: {error}") from error
        return handoff.to_json()

    @property
    def environment(self) -> dict[str, str]:
        """The stage's variables that differ from run to run."""
        level = self.params.get("log_level")
        return {"SQ_TRY": str(self.try_number)} | ({"SQ_LOG_LEVEL": level} if level else {})
