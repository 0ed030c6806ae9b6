"""Runs a stage: from its command line to its exit code."""

from __future__ import annotations

import argparse
import logging
import os
import signal
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain

from sq.v1.handoff_pb2 import Handoff
from sq.v1.manifest_pb2 import Manifest
from sq_handoff import ArtefactError, ArtefactWriter, StorageAway, StorageRefused
from sq_handoff.storage_errors import is_full
from sq_stagekit import errors, messages
from sq_stagekit.command import Command, flag_parser, read_command
from sq_stagekit.errors import InputError, StopHere, TryAgainError
from sq_stagekit.handoff import complete_handoff, hand_over
from sq_stagekit.logs import log_level, start_logging
from sq_stagekit.pinned_models import refuse_mixed
from sq_stagekit.progress import Progress
from sq_stagekit.publish import find_published, is_finished, kept_handoff, publish
from sq_stagekit.spending import budget_ended, fields
from sq_stagekit.stage import Stage
from sq_stagekit.telemetry import Telemetry, start_telemetry
from sq_stagekit.work import Work


def run_stage(stage: Stage, run: Callable[[Work], None], arguments: Sequence[str] | None = None) -> int:
    """Runs a stage as its command line says.

    Args:
        run: the stage's own code. What it writes is published when it returns.
        arguments: sys.argv without the program's name, by default.

    Returns:
        The exit code: 0 done, 2 bad input or configuration, 3 what follows is not to run, 75 try again, 1 a bug.
    """
    flags = flag_parser(stage.contract).parse_args(arguments)
    context = log_context(stage.contract.name, flags)
    log = start_logging(context)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    telemetry = start_telemetry(context, log)
    process = _Process(log, stop, telemetry)
    code = exit_code(lambda: hand_over(_handoff(stage, flags, run, process)), log)
    telemetry.end(code)
    return code


def log_context(stage: str, flags: argparse.Namespace) -> dict[str, str]:
    """The fields of every log line of a stage."""
    attempt = os.environ.get("SQ_TRY", "")
    return {"run": flags.run_id, "market": flags.market, "stage": stage, "shard": flags.shard or "", "try": attempt}


@dataclass(frozen=True)
class _Process:
    """What the stage shares with its process.

    Attributes:
        stop: set by SIGTERM and SIGINT.
    """

    log: logging.Logger
    stop: threading.Event
    telemetry: Telemetry


def exit_code(action: Callable[[], None], log: logging.Logger) -> int:
    """Runs an action, and logs the error that ends it.

    Returns:
        0 done, 2 bad input or configuration, 3 what follows is not to run, 75 try again, 1 a bug.
    """
    try:
        log.setLevel(log_level())
        action()
    except InputError as error:
        log.error(str(error), extra={"field": error.field, "fix": error.fix})
        return errors.EXIT_BAD_INPUT
    except (ArtefactError, StorageRefused) as error:
        log.error(f"{error}; {error.fix}", extra={"field": error.uri, "fix": error.fix})
        return errors.EXIT_BAD_INPUT
    except StopHere as stop:
        log.warning(str(stop), extra={"stops": True})
        return errors.EXIT_STOP_HERE
    except TryAgainError as error:
        log.error(str(error))
        return errors.EXIT_TRY_AGAIN
    except StorageAway as error:
        log.error(f"{error}; {error.fix}", extra={"field": error.uri, "fix": error.fix})
        return errors.EXIT_TRY_AGAIN
    except Exception as error:
        if is_full(error):
            log.error(f"a disk of this machine is full: {error}; make room, then try again")
            return errors.EXIT_TRY_AGAIN
        log.exception("a bug in sq, please report it with this line")
        return errors.EXIT_BUG
    return errors.EXIT_DONE


def _handoff(stage: Stage, flags: argparse.Namespace, run: Callable[[Work], None], process: _Process) -> Handoff:
    with process.telemetry.phase("open"):
        command = read_command(stage.contract, flags)
        # Markets of one run may differ; the parts of one market may not.
        if command.market:
            refuse_mixed(chain.from_iterable(command.inputs.values()))
        published = find_published(command)
    if published and is_finished(command, published):
        process.log.info("already done", extra={"uri": command.output, "digest": published.digest})
        return complete_handoff(command, published, kept_handoff(command, published))
    if published:
        process.log.info("continues unfinished work", extra=_open_records(published))
    return complete_handoff(command, *_execute(stage, command, run, process, published))


def _execute(
    stage: Stage, command: Command, run: Callable[[Work], None], process: _Process, published: Manifest | None
) -> tuple[Manifest, Handoff]:
    started = datetime.now(UTC)
    work = Work(
        run_id=command.run_id,
        market=command.market,
        shard=command.shard,
        config=command.config,
        inputs=command.inputs,
        output=ArtefactWriter(command.output, messages.find(stage.contract.output.message_type)),
        log=process.log,
        progress=Progress(process.log),
        stop=process.stop,
        telemetry=process.telemetry,
    )
    try:
        with process.telemetry.phase("work"):
            run(work)
    finally:
        _tell_usage(work)
    work.check_stop()
    # An error says itself where a budget ended.
    if work.spending and (told := budget_ended(work.spending.usage(), work.spending.enough())):
        work.log.warning(told)
    with process.telemetry.phase("publish"):
        manifest, known = publish(command, work, started, published)
    process.log.info("published", extra={"uri": command.output, "digest": manifest.digest})
    if work.unfinished:
        left = _open_records(manifest)
        process.log.warning(
            "some records failed for a reason that may pass; the same command does only these again",
            extra=left | {"detail": ", ".join(f"{reason} {records}" for reason, records in left.items())},
        )
    process.telemetry.published(_counts(manifest))
    return manifest, known


def _tell_usage(work: Work) -> None:
    if work.spending is None:
        return
    usage = work.spending.usage()
    kept = work.reused.fields() if work.reused else {}
    work.log.info("model usage", extra=fields(usage) | kept)
    if work.reused and (problem := work.reused.problem()):
        work.log.warning(problem)


def _open_records(manifest: Manifest) -> dict[str, int]:
    """Number of records that are still to do, by reason."""
    return {item.reason: item.records for item in manifest.provenance.unfinished if not item.input_uri}


def _counts(manifest: Manifest) -> dict[str, int]:
    """Records by kind; by message type if the artefact has only one kind."""
    content = manifest.content
    by_type = {content.message_type.rpartition(".")[2]: content.records}
    return {item.kind: item.records for item in content.counts} or by_type
