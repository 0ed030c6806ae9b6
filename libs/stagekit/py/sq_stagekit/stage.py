"""The command line of every Python stage.

    sq-<stage> --run-id R --market M --config FILE|JSON --input NAME=URI … --output URI [--shard I/N]

The handoff goes to stdout and to the file named by SQ_HANDOFF. Exit codes: 0 done, 2 bad input or
configuration, 75 try again, anything else a bug.
"""

from __future__ import annotations

import argparse
import functools
import hashlib
import logging
import os
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import rfc8785
from google.protobuf import json_format, text_format
from google.protobuf.message import Message

from sq.v1.handoff_pb2 import Handoff
from sq.v1.manifest_pb2 import InputArtefact, Manifest, Provenance
from sq.v1.stage_contract_pb2 import StageContract
from sq_handoff import ArtefactError, ArtefactReader, ArtefactWriter, NotFound, fetch_manifest
from sq_handoff.artefact import canonical_json
from sq_handoff.store import Store, absolute
from sq_stagekit import errors, messages
from sq_stagekit.config import check_config, read_config
from sq_stagekit.errors import InputError, TryAgainError
from sq_stagekit.logs import Progress, start_logging
from sq_stagekit.shard import Shard
from sq_stagekit.telemetry import Telemetry, start_telemetry
from sq_stagekit.work import Work

HANDOFF_BYTES = 4096
CONTRACT = "stage.textproto"


@dataclass(frozen=True)
class Stage:
    """A stage by its contract."""

    contract: StageContract

    @classmethod
    def beside(cls, main_file: str) -> Stage:
        """The stage whose contract stands beside a program's package, or in it."""
        package = Path(main_file).absolute().parent
        path = next(p / CONTRACT for p in (package, package.parent) if (p / CONTRACT).exists())
        contract = text_format.Parse(path.read_text(encoding="utf-8"), StageContract())
        return cls(contract)


@dataclass(frozen=True)
class _Command:
    """One command line, checked."""

    run_id: str
    market: str
    config: Message
    inputs: dict[str, list[ArtefactReader]]
    output: str
    shard: Shard
    sharded: bool

    @property
    def shard_text(self) -> str:
        return str(self.shard) if self.sharded else ""


def run_stage(stage: Stage, run: Callable[[Work], None], arguments: Sequence[str] | None = None) -> int:
    """Runs a stage as its command line says and returns the exit code.

    Args:
        run: the stage's own part; what it writes is published when it returns.
    """
    flags = _flags(stage).parse_args(arguments)
    context = {
        "run": flags.run_id,
        "market": flags.market,
        "stage": stage.contract.name,
        "shard": flags.shard or "",
        "try": os.environ.get("SQ_TRY", ""),
    }
    log = start_logging(context, os.environ.get("SQ_LOG_LEVEL", "INFO").upper())
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    telemetry = start_telemetry(context, log)
    code = _run(stage, flags, run, _Surroundings(log, stop, telemetry))
    telemetry.end(code)
    return code


@dataclass(frozen=True)
class _Surroundings:
    log: logging.Logger
    stop: threading.Event
    telemetry: Telemetry


def _run(stage: Stage, flags: argparse.Namespace, run: Callable[[Work], None], around: _Surroundings) -> int:
    log = around.log
    try:
        with around.telemetry.phase("open"):
            command = _command(stage, flags)
            handoff = _finished(stage, command, log)
        _hand_over(handoff or _execute(stage, command, run, around))
    except InputError as error:
        log.error(str(error), extra={"field": error.field, "fix": error.fix})
        return errors.EXIT_BAD_INPUT
    except ArtefactError as error:
        log.error(f"{error}; {error.fix}", extra={"field": error.uri, "fix": error.fix})
        return errors.EXIT_BAD_INPUT
    except TryAgainError as error:
        log.error(str(error))
        return errors.EXIT_TRY_AGAIN
    except Exception:
        log.exception("a bug in sq, please report it with this line")
        return errors.EXIT_BUG
    return errors.EXIT_DONE


def _flags(stage: Stage) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=f"sq-{stage.contract.name}", description=stage.contract.summary, allow_abbrev=False
    )
    parser.add_argument("--run-id", required=True, metavar="R")
    parser.add_argument("--market", default="", metavar="M")
    parser.add_argument("--config", required=True, metavar="FILE|JSON")
    parser.add_argument("--input", action="append", default=[], metavar="NAME=URI")
    parser.add_argument("--output", required=True, metavar="URI")
    parser.add_argument("--shard", metavar="I/N")
    return parser


def _command(stage: Stage, flags: argparse.Namespace) -> _Command:
    contract = stage.contract
    if not flags.run_id:
        raise InputError("--run-id", "is empty", "name the run")
    if flags.shard and not contract.sharded:
        raise InputError("--shard", f"{contract.name} is not cut in shards", "leave it out")
    try:
        output = absolute(flags.output)
    except ValueError as error:
        raise InputError("--output", str(error), "give a folder, s3:// or gs://") from error
    return _Command(
        run_id=flags.run_id,
        market=flags.market,
        config=read_config(flags.config, messages.find(contract.config_type)),
        inputs=_open_inputs(contract, flags.input),
        output=output,
        shard=Shard.parse(flags.shard) if flags.shard else Shard(),
        sharded=bool(flags.shard),
    )


def _open_inputs(contract: StageContract, given: Sequence[str]) -> dict[str, list[ArtefactReader]]:
    wanted = {item.name: item for item in contract.inputs}
    inputs: dict[str, list[ArtefactReader]] = {name: [] for name in wanted}
    for text in given:
        name, _, uri = text.partition("=")
        if name not in wanted or not uri:
            known = ", ".join(wanted) or "none"
            raise InputError("--input", f"{text!r} names no input", f"inputs of this stage: {known}")
        try:
            inputs[name].append(ArtefactReader.open(uri, messages.find(wanted[name].message_type)))
        except ValueError as error:
            raise InputError(f"--input {name}", str(error), "give a folder, s3:// or gs://") from error
    for name, readers in inputs.items():
        if not readers:
            raise InputError("--input", f"{name} is missing", f"add --input {name}=URI")
        if len(readers) > 1 and not wanted[name].many:
            raise InputError("--input", f"{name} is given {len(readers)} times", "give it once")
    return inputs


def _execute(
    stage: Stage,
    command: _Command,
    run: Callable[[Work], None],
    around: _Surroundings,
) -> Handoff:
    started = datetime.now(UTC)
    writer = ArtefactWriter(command.output, messages.find(stage.contract.output.message_type))
    work = Work(
        run_id=command.run_id,
        market=command.market,
        shard=command.shard,
        config=command.config,
        inputs=command.inputs,
        output=writer,
        log=around.log,
        progress=Progress(around.log),
        stop=around.stop,
        telemetry=around.telemetry,
    )
    with around.telemetry.phase("work"):
        run(work)
    work.check_stop()
    handoff = Handoff(first_segment=work.first_segment, last_segment=work.last_segment, pages=work.pages)
    with around.telemetry.phase("publish"):
        # Beside the artefact, so that a finished key gives the same handoff again.
        Store.at(command.output).put(_BOUNDS, canonical_json(handoff))
        manifest = writer.publish(_provenance(stage, command, started, work))
    around.log.info("published", extra={"uri": command.output, "digest": manifest.digest})
    around.telemetry.published(_counts(manifest))
    return _handoff(stage, command, manifest, handoff)


_BOUNDS = "handoff.json"


def _counts(manifest: Manifest) -> dict[str, int]:
    """Records by kind, or by their type where they are all of one."""
    content = manifest.content
    by_type = {content.message_type.rpartition(".")[2]: content.records}
    return {item.kind: item.records for item in content.counts} or by_type


def _finished(stage: Stage, command: _Command, log: logging.Logger) -> Handoff | None:
    """The handoff of the same work done before, if it was.

    Raises:
        InputError: the output holds another work's artefact.
    """
    try:
        manifest = fetch_manifest(command.output)
    except NotFound:
        return None
    if manifest.provenance.work_key != work_key(stage, command):
        raise InputError(
            "--output",
            f"{command.output} holds the result of another configuration, program or input",
            "take a new --run-id and --output, or remove that folder",
        )
    log.info("already done", extra={"uri": command.output, "digest": manifest.digest})
    bounds = json_format.Parse(Store.at(command.output).get(_BOUNDS), Handoff())
    return _handoff(stage, command, manifest, bounds)


def _handoff(stage: Stage, command: _Command, manifest: Manifest, bounds: Handoff) -> Handoff:
    handoff = Handoff(
        stage=stage.contract.name,
        run_id=command.run_id,
        market=command.market,
        shard=command.shard_text,
        uri=command.output,
        digest=manifest.digest,
        message_type=manifest.content.message_type,
        records=manifest.content.records,
        counts=manifest.content.counts,
    )
    handoff.MergeFrom(bounds)
    check_config(handoff, "handoff")
    return handoff


def _hand_over(handoff: Handoff) -> None:
    text = canonical_json(handoff)
    if len(text) > HANDOFF_BYTES:
        raise InputError("handoff", f"has {len(text)} bytes, over {HANDOFF_BYTES}", "shorten the run id")
    path = os.environ.get("SQ_HANDOFF")
    if path:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        Path(path).write_bytes(text)
    print(text.decode(), flush=True)


def _provenance(stage: Stage, command: _Command, started: datetime, work: Work) -> Provenance:
    provenance = Provenance(
        stage=stage.contract.name,
        run_id=command.run_id,
        market=command.market,
        shard=command.shard_text,
        image_digest=program_digest(),
        configuration_digest=_configuration_digest(command.config),
        work_key=work_key(stage, command),
        git_revision=os.environ.get("SQ_GIT_REVISION", ""),
        inputs=_input_artefacts(command),
        tag_engines=work.tag_engines,
    )
    provenance.start_time.FromDatetime(started)
    provenance.end_time.FromDatetime(datetime.now(UTC))
    return provenance


def _input_artefacts(command: _Command) -> list[InputArtefact]:
    return [
        InputArtefact(name=name, uri=reader.uri, digest=reader.digest)
        for name, readers in command.inputs.items()
        for reader in readers
    ]


def work_key(stage: Stage, command: _Command) -> str:
    """Digest of (image, configuration, inputs, market, shard): the same key is the same work."""
    key = {
        "stage": stage.contract.name,
        "image": program_digest(),
        "configuration": _configuration_digest(command.config),
        "inputs": [[item.name, item.digest] for item in _input_artefacts(command)],
        "market": command.market,
        "shard": command.shard_text,
    }
    return _sha256(rfc8785.dumps(key))


def program_digest() -> str:
    """SQ_IMAGE_DIGEST, which whoever starts an image sets; else a digest of every file of ours on the import path."""
    return os.environ.get("SQ_IMAGE_DIGEST") or _own_files_digest()


@functools.cache
def _own_files_digest() -> str:
    packages = {
        path.name: path for folder in reversed(sys.path) for path in Path(folder or ".").glob("sq_*") if path.is_dir()
    }
    digest = hashlib.sha256()
    for _, package in sorted(packages.items()):
        for path in sorted(package.rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                digest.update(f"{path.relative_to(package.parent)}\0".encode() + path.read_bytes())
    return f"sha256:{digest.hexdigest()}"


def _configuration_digest(config: Message) -> str:
    return _sha256(config.SerializeToString(deterministic=True))


def _sha256(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"
