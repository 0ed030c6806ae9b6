"""One attempt of a stage's task: its command line and environment, and the check of its handoff."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from airflow.sdk.exceptions import AirflowException, AirflowSkipException

from sq_airflow.artefacts import accept, named
from sq_airflow.failure import Failure
from sq_airflow.handoff import Handoff, HandoffError
from sq_airflow.known_params import refuse_unknown
from sq_airflow.run_days import explained, interval_of
from sq_airflow.run_folder import run_folder
from sq_airflow.stage_task import StageTask
from sq_airflow.storage_failure import StorageError
from sq_airflow.trace import traceparent
from sq_interval import RunInterval

NOTHING = "nothing-to-read"


class NotHandedOver(AirflowException):
    """A stage succeeded without handing over its artefact. A retry finds finished work and does not repeat it."""

    def __init__(self, title: str, failure: Failure) -> None:
        self.failure = failure
        super().__init__(str(failure.error(title)))


@dataclass(frozen=True)
class StageRun:
    """One attempt of a stage's task.

    Attributes:
        handoffs: input name and handoff of its source, in the order of the command line.
        output: URI of the artefact to write.
        interval: what the run is about; None if it has no interval.
        traceparent: parent of the stage's span.
    """

    task: StageTask
    shard: str
    run_id: str
    try_number: int
    params: Mapping[str, Any]
    storage_conn_id: str
    handoffs: Sequence[tuple[str, Handoff]]
    output: str
    traceparent: str
    interval: RunInterval | None

    @classmethod
    def of(cls, context: Mapping[str, Any], task: StageTask, shard: str, storage_conn_id: str) -> StageRun:
        """Reads an attempt from the task's context.

        Raises:
            AirflowSkipException: the run leaves out the task's market.
            AirflowFailException: an input is missing, the run has an unknown parameter, or no interval that fits.
        """
        refuse_unknown(task.title(shard), getattr(context.get("dag_run"), "conf", None), context["dag"].params)
        params, ti, run_id = dict(context["params"]), context["ti"], run_folder(context["run_id"])
        chosen = params.get("markets") or []
        if task.market and chosen and task.market not in chosen:
            raise AirflowSkipException(f"market {task.market} is not among this run's markets: {', '.join(chosen)}")
        with explained(task.title(shard)):
            interval = interval_of(context)
            task.check_interval(interval)
        handoffs, without = _handoffs(task, shard, ti)
        # Markets that the run leaves out are not missing.
        output = task.output(run_id, shard, [market for market in without if not chosen or market in chosen])
        parent = traceparent(ti, context["run_id"])
        return cls(task, shard, run_id, ti.try_number, params, storage_conn_id, handoffs, output, parent, interval)

    def arguments(self) -> list[str]:
        """The stage's command line."""
        return self.task.arguments(self.run_id, self.shard, self.params, self.handoffs, self.output, self.interval)

    def accept(self, value: object) -> dict:
        """The handoff as XCom keeps it, once the artefact is published.

        Raises:
            NotHandedOver: the handoff is invalid, its artefact is not published, or Airflow cannot look.
        """
        try:
            expected = self.task.expected(self.run_id, self.shard, self.output)
            if self.task.on_claim:
                return named(value, expected).to_json()
            return accept(value, expected, self.storage_conn_id).to_json()
        except HandoffError as error:
            failure = Failure("no-handoff", f"The stage did not hand over its artefact: {error}", retry=True)
            raise NotHandedOver(self.task.title(self.shard), failure) from None
        except StorageError as error:
            raise NotHandedOver(self.task.title(self.shard), error.failure) from None

    @property
    def environment(self) -> dict[str, str]:
        """Environment variables that differ from attempt to attempt."""
        level = self.params.get("log_level")
        about = {"SQ_TRY": str(self.try_number), "TRACEPARENT": self.traceparent}
        return about | ({"SQ_LOG_LEVEL": level} if level else {})


def _handoffs(task: StageTask, shard: str, ti: Any) -> tuple[list[tuple[str, Handoff]], list[str]]:
    """The handoffs of a task's sources, and the markets whose handoff is missing."""
    found, without = [], []
    own = int(shard.partition("/")[0]) if shard else -1
    for source in task.sources:
        for index in source.map_indexes(own):
            value = ti.xcom_pull(task_ids=source.task_id, map_indexes=index)
            if value is not None:
                found.append((source.input, _parsed(value, source.task_id, task.title(shard))))
            elif task.needs_all:
                sentence = f"There is nothing to read: {source.task_id} has no handoff. Clear that task."
                raise Failure(NOTHING, sentence, retry=False).error(task.title(shard))
            else:
                without.append(source.market)
    if task.sources and not found:
        sentence = "There is nothing to read: every task before this one failed. Clear those that failed."
        raise Failure(NOTHING, sentence, retry=False).error(task.title(shard))
    return found, without


def _parsed(value: object, task_id: str, title: str) -> Handoff:
    try:
        return Handoff.parse(value)
    except HandoffError as error:
        sentence = f"There is nothing to read: {task_id} left an invalid {error}. Clear that task."
        raise Failure(NOTHING, sentence, retry=False).error(title) from error
