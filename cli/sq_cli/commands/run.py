"""`sq run` runs the whole pipeline on this machine."""

from __future__ import annotations

import logging
import os
import shlex
import signal
from collections.abc import Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from sq.v1.report_pb2 import RunReport
from sq.v1.run_config_pb2 import RunConfig
from sq_cli import history, tables
from sq_cli.console import err
from sq_cli.container_runtime import ContainerRuntime, LoadedImage
from sq_cli.engines.choice import choose_engine
from sq_cli.engines.engine import Engine
from sq_cli.images import find_images
from sq_cli.log_windows import fill_windows, given_days
from sq_cli.market_names import check_market_names
from sq_cli.money.bill import print_bill, unreported
from sq_cli.plan import Task, TaskKey, plan
from sq_cli.process_runtime import ProcessRuntime
from sq_cli.programs import read_pipeline
from sq_cli.progress import Display
from sq_cli.run_config import read_run_config
from sq_cli.run_id import check_run_id, new_run_id
from sq_cli.run_models import pin_models
from sq_cli.runner import Outcome, Runner, Runtime
from sq_cli.writable import try_to_write
from sq_handoff import ArtefactReader, StorageAway, StorageError, StorageRefused, Store
from sq_handoff.location import local_path
from sq_stagekit.errors import EXIT_BAD_INPUT, InputError, TryAgainError
from sq_stagekit.telemetry import span_of_run


class RuntimeName(StrEnum):
    """What runs the stages."""

    PROCESS = "process"
    CONTAINER = "container"


def run(
    config: Annotated[Path, typer.Argument(help="Run configuration (YAML).")],
    run_id: Annotated[str, typer.Option(help="Name of the run. Give the name of an earlier run to resume it.")] = "",
    first: Annotated[
        str, typer.Option("--from", metavar="DAY", help="First day of the logs to read, such as 2026-01-05.")
    ] = "",
    end: Annotated[str, typer.Option("--to", metavar="DAY", help="Day after the last one to read.")] = "",
    jobs: Annotated[int, typer.Option(min=1, help="Number of stages that run at once.")] = os.cpu_count() or 1,
    tries: Annotated[
        int | None, typer.Option(min=1, help="Maximum attempts of each stage. Its contract sets an upper limit.")
    ] = None,
    runtime: Annotated[RuntimeName, typer.Option(help="Run the stages as processes, or as containers.")] = "process",
    engine: Annotated[str, typer.Option(help="docker, podman or ctr. Default: the first that is available.")] = "",
    images: Annotated[
        Path | None,
        typer.Option(help="images.lock.json, or a folder of OCI layouts. Default: the images built here."),
    ] = None,
    env: Annotated[
        list[str] | None,
        typer.Option(help="Environment variable to pass to containers. May be repeated."),
    ] = None,
) -> int:
    """Run the pipeline over every market of CONFIG, and show which kinds of queries fail."""
    run_config = read_run_config(config)
    fill_windows(run_config, given_days(first, end))
    run_id = run_id or new_run_id()
    check_run_id(run_id)
    pipeline = read_pipeline()
    check_market_names(run_config, pipeline)
    place = history.place_of(run_config.workspace_uri, run_id)
    check_workspace(place.uri)
    pin_models(run_config, place.uri)
    tasks = plan(run_config, pipeline, run_id)
    if runtime is RuntimeName.CONTAINER:
        chosen = _containers(tasks, place, choose_engine(engine), images, env or [])
    else:
        _refuse_unused(engine=engine, images=images, env=env)
        chosen = ProcessRuntime(run_id)
    again = ["sq", "run", str(config)]
    if runtime is RuntimeName.CONTAINER:
        again += ["--runtime", "container"]
        again += ["--engine", engine] if engine else []
        again += ["--images", str(images)] if images else []
        again += [word for name in env or [] for word in ("--env", name)]
    again += ["--from", first, "--to", end] if first else []
    again += ["--run-id", run_id]
    history.remember(place)
    with span_of_run("sq run", run_id, logging.getLogger("sq")) as ended:
        outcome = execute(tasks, chosen, jobs, tries)
        ended(outcome.exit_code)
    _keep_logs(place, outcome, tasks)
    if _print_failures(outcome, tasks):
        for line in advice(outcome, again, {task.key: task.name for task in tasks}):
            err.print(line, soft_wrap=True, markup=False)
    _show_result(outcome, run_config, tasks)
    return outcome.exit_code


def check_workspace(uri: str) -> None:
    """Raises InputError or TryAgainError, with the field, if a run cannot be written: before anything is computed."""
    try:
        try_to_write(uri)
    except StorageRefused as error:
        raise InputError("workspace_uri", str(error), error.fix) from error
    except StorageAway as error:
        raise TryAgainError(f"workspace_uri: {error}; {error.fix}") from error


def advice(outcome: Outcome, again: Sequence[str], names: Mapping[TaskKey, str]) -> list[str]:
    """What to do after a run that did not succeed.

    Args:
        again: the command that resumes the run; it ends in --run-id and the run ID.
        names: of the tasks.
    """
    if any(ending.holds_other_work for ending in outcome.failed.values()):
        return [f"This run ID belongs to another configuration. Start a new run with: {shlex.join(again[:-2])}"]
    resume = f"Resume with: {shlex.join(again)}"
    wrong = [(key, ending) for key, ending in outcome.failed.items() if ending.code == EXIT_BAD_INPUT]
    if not wrong:
        return [resume]
    deeds = dict.fromkeys(
        f"In {names[key]}: {ending.field}: {ending.fix}." for key, ending in wrong if ending.field and ending.fix
    )
    return ["Correct the bad input first; finished stages are not repeated.", *deeds, resume]


def _refuse_unused(**given: object) -> None:
    for name, value in given.items():
        if value:
            raise InputError(f"--{name}", "requires --runtime container", f"add --runtime container, or omit --{name}")


def _containers(
    tasks: Sequence[Task], place: history.RunPlace, engine: Engine, images: Path | None, passed: Sequence[str]
) -> ContainerRuntime:
    """Loads the images into the engine. Raises InputError, TryAgainError."""
    for name in passed:
        if "=" in name:
            fix = "set the variable, and give its name alone"
            raise InputError("--env", f"{name.partition('=')[0]} is given with its value, which processes show", fix)
        if name not in os.environ:
            raise InputError("--env", f"{name} is not set in this shell", f"set it, or omit --env {name}")
    found = find_images(images)
    wanted = {name: found.get(name) for name in dict.fromkeys(task.contract.image for task in tasks)}
    loaded = {}
    for name, image in wanted.items():
        with err.status(f"Loading {name} into {engine.name}"):
            loaded[name] = LoadedImage(image, engine.load(image))
    err.print(f"Running {len(loaded)} images with {engine.name}")
    return ContainerRuntime(place.run_id, place.uri, engine, loaded, passed)


def execute(tasks: list[Task], runtime: Runtime, jobs: int, tries: int | None = None) -> Outcome:
    """Runs the tasks. SIGTERM and Ctrl-C stop them so that the run can be resumed."""
    with Display() as display:
        runner = Runner(runtime, jobs, display.event, tries)
        before = {number: signal.signal(number, lambda *_: runner.stop()) for number in (signal.SIGTERM, signal.SIGINT)}
        try:
            return runner.run(tasks)
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def _keep_logs(place: history.RunPlace, outcome: Outcome, tasks: list[Task]) -> None:
    """Writes the last log lines of every failed stage to its output folder."""
    for task in tasks:
        ending = outcome.failed.get(task.key)
        if ending and ending.log:
            try:
                Store.at(task.output).put("log.ndjson", ("\n".join(ending.log) + "\n").encode())
            except StorageError as error:
                # What failed is shown all the same.
                err.print(f"the log of {task.name} is not kept: {error}", soft_wrap=True, markup=False)


def _print_failures(outcome: Outcome, tasks: list[Task]) -> bool:
    """Prints the tasks that failed or did not start. Returns whether there were any."""
    names = {task.key: task.name for task in tasks}
    for key, ending in outcome.failed.items():
        # Its message was shown when it failed.
        err.print(f"[red]failed[/] {names[key]}: {ending.kind} (exit {ending.code})", soft_wrap=True)
    for key in outcome.skipped:
        err.print(f"[yellow]not started[/] {names[key]}: an input is missing")
    return bool(outcome.failed or outcome.skipped)


def _show_result(outcome: Outcome, config: RunConfig, tasks: Sequence[Task]) -> None:
    handoff = outcome.handoffs.get(("", "consolidate", 0))
    if handoff is None:
        tables.print_unreported(unreported(outcome, tasks, ()))
        return
    reader = ArtefactReader.open(handoff.uri, RunReport)
    report = next(iter(reader))
    tables.print_report(report, reader.manifest.provenance.searched)
    tables.print_first(report)
    usage = reader.manifest.provenance.model_usage
    print_bill(config, tasks, usage)
    tables.print_unreported(unreported(outcome, tasks, usage))
    page = f"{handoff.uri}/{handoff.pages[0]}"
    # Not by the console, which would wrap the path.
    print(f"SQ_REPORT={local_path(page) if page.startswith('file://') else page}", flush=True)
