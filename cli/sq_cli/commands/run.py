"""`sq run`: the whole pipeline on this machine."""

from __future__ import annotations

import os
import secrets
import signal
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from sq.v1.report_pb2 import RunReport
from sq_cli import history, tables
from sq_cli.console import err
from sq_cli.plan import Task, plan
from sq_cli.process_runtime import ProcessRuntime
from sq_cli.programs import read_pipeline
from sq_cli.progress import Display
from sq_cli.run_config import read_run_config
from sq_cli.runner import Outcome, Runner
from sq_handoff import ArtefactReader, Store
from sq_handoff.store import local_path
from sq_stagekit.errors import InputError

_RUN_ID_CHARACTERS = set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.")


def run(
    config: Annotated[Path, typer.Argument(help="Run configuration (YAML).")],
    run_id: Annotated[str, typer.Option(help="Name of the run; give an earlier one to go on with it.")] = "",
    jobs: Annotated[int, typer.Option(min=1, help="Stages at work at once.")] = os.cpu_count() or 1,
) -> int:
    """Run the pipeline over every market of CONFIG and show what fails."""
    run_config = read_run_config(config)
    run_id = run_id or new_run_id()
    check_run_id(run_id)
    tasks = plan(run_config, read_pipeline(), run_id)
    place = history.place_of(run_config.workspace_uri, run_id)
    history.remember(place)
    outcome = execute(tasks, run_id, jobs)
    _keep_logs(place, outcome, tasks)
    _say_failures(outcome, tasks, config, run_id)
    _show_result(outcome)
    return outcome.exit_code


def new_run_id() -> str:
    return f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"


def check_run_id(run_id: str) -> None:
    """Raises InputError for a run id that would not do as a folder's name."""
    if not set(run_id) <= _RUN_ID_CHARACTERS or run_id.startswith(".") or len(run_id) > 100:
        raise InputError("--run-id", f"{run_id!r} is no name", "use letters, digits, dash, underscore and dot")


def execute(tasks: list[Task], run_id: str, jobs: int) -> Outcome:
    """Runs the tasks; SIGTERM and Ctrl-C stop them so that the same run id goes on later."""
    with Display() as display:
        runner = Runner(ProcessRuntime(run_id), jobs, display.event)
        before = {number: signal.signal(number, lambda *_: runner.stop()) for number in (signal.SIGTERM, signal.SIGINT)}
        try:
            return runner.run(tasks)
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def _keep_logs(place: history.RunPlace, outcome: Outcome, tasks: list[Task]) -> None:
    """Stores the last log lines of every stage that failed, beside its output."""
    for task in tasks:
        ending = outcome.failed.get(task.key)
        if ending and ending.log:
            Store.at(task.output).put("log.ndjson", ("\n".join(ending.log) + "\n").encode())


def _say_failures(outcome: Outcome, tasks: list[Task], config: Path, run_id: str) -> None:
    if not outcome.failed and not outcome.skipped:
        return
    names = {task.key: task.name for task in tasks}
    for key, ending in outcome.failed.items():
        err.print(f"[red]failed[/] {names[key]}: ", end="")
        err.print(ending.message, markup=False, soft_wrap=True)
    for key in outcome.skipped:
        err.print(f"[yellow]not started[/] {names[key]}: what it reads is missing")
    err.print(f"go on with: sq run {config} --run-id {run_id}", soft_wrap=True)


def _show_result(outcome: Outcome) -> None:
    handoff = outcome.handoffs.get(("", "consolidate", 0))
    if handoff is None:
        return
    tables.print_report(next(iter(ArtefactReader.open(handoff.uri, RunReport))))
    page = f"{handoff.uri}/{handoff.pages[0]}"
    # Plain print: a table's console would wrap the path.
    print(f"SQ_REPORT={local_path(page) if page.startswith('file://') else page}", flush=True)
