"""Removes the folders of old runs.

A folder stays if its run is at work, is one of the newest of its DAG, or began not long ago. It also stays if it has
a file named `keep`, or if the configuration or a run that stays names it, as a baseline or as a place to read. What no
run of Airflow made stays in any case, such as the history.

`old_runs` prints what is to go, with its bytes. With the parameter dry_run, that is all.
"""

from __future__ import annotations

from datetime import timedelta

from airflow.sdk import DAG, Param, get_current_context, task
from airflow.sdk.exceptions import AirflowSkipException

from sq_airflow import old_runs
from sq_airflow.maintenance_dag import maintenance_dag
from sq_airflow.places import Places
from sq_airflow.settings import KeepRuns, read_settings
from sq_airflow.storage_failure import explained_storage

places = Places.from_environment()
settings = read_settings(places.settings)
keep = settings.keep_runs or KeepRuns()


def _param(default: int, title: str, description: str) -> Param:
    return Param(default, type="integer", title=title, description=description, minimum=1)


with DAG(
    **maintenance_dag("sq_retention", settings, timedelta(hours=2)),
    description="Removes the folders of old runs.",
    doc_md=__doc__,
    schedule="47 3 * * *" if settings.keep_runs else None,
    params={
        "days": _param(keep.days, "Days", "Keeps runs that began in the last days."),
        "last": _param(keep.last, "Newest runs", "Keeps as many runs of each DAG, however old."),
        "dry_run": Param(
            settings.keep_runs is None,
            type="boolean",
            title="Dry run",
            description="Prints what would be removed, and removes nothing.",
        ),
    },
) as dag:

    def expired() -> list[old_runs.Run]:
        context = get_current_context()
        wanted = KeepRuns(days=context["params"]["days"], last=context["params"]["last"])
        return old_runs.find_expired(places, wanted, settings.storage_conn_id, context["ti"])

    @task(task_id="old_runs", doc_md="Prints the runs whose folders are to go, and the bytes that this frees.")
    def list_runs() -> dict[str, int]:
        with explained_storage("old_runs"):
            return old_runs.listed(expired(), settings.storage_conn_id)

    @task(doc_md="Removes what old_runs printed, apart from runs that are needed again since.")
    def remove_runs(listed: dict[str, int]) -> list[str]:
        if get_current_context()["params"]["dry_run"]:
            raise AirflowSkipException(f"dry run: {len(listed)} runs with {sum(listed.values()):,} bytes would go")
        removed = []
        with explained_storage("remove_runs"):
            for run in expired():
                if run.uri in listed:
                    old_runs.remove_run(run, settings.storage_conn_id)
                    removed.append(run.uri)
        return removed

    remove_runs(list_runs())
