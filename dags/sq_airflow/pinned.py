"""Reads what a run was started with, inside one of its tasks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from airflow.sdk.exceptions import AirflowSkipException

from sq_airflow.pins import TASK, PinsError, failure, load
from sq_airflow.run_files import RunFiles
from sq_airflow.stage_task import StageTask
from sq_airflow.storage_failure import StorageError


def pinned_files(context: Mapping[str, Any], title: str, storage_conn_id: str) -> RunFiles:
    """The files of the run.

    Args:
        title: of the task, for its failure.

    Raises:
        AirflowFailException: the run has no pins that this version of the DAG can use.
    """
    try:
        return RunFiles.of(load(context["ti"].xcom_pull(task_ids=TASK, map_indexes=-1), storage_conn_id))
    except (PinsError, ValueError) as error:
        raise failure(error).error(title) from None
    except StorageError as error:
        raise error.failure.error(title) from None


def pinned_stage(
    context: Mapping[str, Any], stage: StageTask, shard: str, storage_conn_id: str
) -> tuple[RunFiles, StageTask]:
    """The files of the run, and what a task of it does.

    Raises:
        AirflowFailException: as `pinned_files`.
        AirflowSkipException: the run began before its configuration had the market.
    """
    title = stage.title(shard)
    files = pinned_files(context, title, storage_conn_id)
    if stage.market and stage.market not in files.logs:
        raise AirflowSkipException(f"the run began without the market {stage.market}")
    try:
        return files, files.stage(stage.node, stage.market, int(shard.partition("/")[2] or 1))
    except ValueError as error:
        raise failure(error).error(title) from None
