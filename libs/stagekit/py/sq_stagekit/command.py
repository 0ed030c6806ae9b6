"""The command line of every Python stage.

sq-<stage> --run-id R --market M --config FILE|JSON --input NAME=URI … --output URI [--shard I/N]
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence
from dataclasses import dataclass

from google.protobuf.message import Message

from sq.v1.manifest_pb2 import InputArtefact
from sq.v1.stage_contract_pb2 import StageContract
from sq_handoff import ArtefactReader
from sq_handoff.location import absolute
from sq_stagekit import messages
from sq_stagekit.config import read_config
from sq_stagekit.errors import InputError
from sq_stagekit.shard import Shard

# It is the name of a folder, and a part of the handoff, whose size is limited.
_RUN_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,199}")
_URI_FIX = "give a path, or a file://, s3:// or gs:// URI"


@dataclass(frozen=True)
class Command:
    """A parsed and validated command line, with its inputs opened.

    Attributes:
        config: message of the contract's config_type.
        inputs: readers by input name, in the order given.
        output: absolute URI.
        sharded: whether --shard was given.
    """

    stage: str
    run_id: str
    market: str
    config: Message
    inputs: dict[str, list[ArtefactReader]]
    output: str
    shard: Shard
    sharded: bool

    @property
    def shard_text(self) -> str:
        """ "I/N", or "" if --shard was not given."""
        return str(self.shard) if self.sharded else ""

    def input_artefacts(self) -> list[InputArtefact]:
        """Name, URI and digest of every input artefact, in the contract's order."""
        return [
            InputArtefact(name=name, uri=reader.uri, digest=reader.digest)
            for name, readers in self.inputs.items()
            for reader in readers
        ]


def flag_parser(contract: StageContract) -> argparse.ArgumentParser:
    """The parser of a stage's flags."""
    names = ", ".join(item.name for item in contract.inputs) or "none"
    parser = argparse.ArgumentParser(prog=f"sq-{contract.name}", description=contract.summary, allow_abbrev=False)
    parser.add_argument("--run-id", required=True, metavar="R", help="ID of the run")
    parser.add_argument("--market", default="", metavar="M", help="market to process")
    parser.add_argument(
        "--config",
        required=True,
        metavar="FILE|JSON",
        help=f"{contract.config_type}: a YAML or JSON file, or JSON",
    )
    parser.add_argument(
        "--input",
        action="append",
        default=[],
        metavar="NAME=URI",
        help=f"URI of an input artefact; inputs of this stage: {names}",
    )
    parser.add_argument("--output", required=True, metavar="URI", help="URI of the folder to write to")
    parser.add_argument("--shard", metavar="I/N", help="process only shard I of N; I counts from 0")
    return parser


def read_command(contract: StageContract, flags: argparse.Namespace) -> Command:
    """Validates the flags, reads the configuration and opens the inputs.

    Raises:
        InputError: a flag, the configuration or an input is invalid.
        ArtefactError: an input cannot be opened.
    """
    if not _RUN_ID.fullmatch(flags.run_id):
        fix = "use at most 200 letters, digits, dashes, underscores and dots; start with a letter or digit"
        raise InputError("--run-id", f"{flags.run_id!r} is not a valid run id", fix)
    if flags.shard and not contract.sharded:
        raise InputError("--shard", f"{contract.name} does not support shards", "remove the flag")
    try:
        output = absolute(flags.output)
    except ValueError as error:
        raise InputError("--output", str(error), _URI_FIX) from error
    return Command(
        stage=contract.name,
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
            raise InputError("--input", f"{text!r} does not name an input", f"inputs of this stage: {known}")
        try:
            inputs[name].append(ArtefactReader.open(uri, messages.find(wanted[name].message_type)))
        except ValueError as error:
            raise InputError(f"--input {name}", str(error), _URI_FIX) from error
    for name, readers in inputs.items():
        if not readers and not wanted[name].optional:
            raise InputError("--input", f"{name} is missing", f"add --input {name}=URI")
        if len(readers) > 1 and not wanted[name].many:
            raise InputError("--input", f"{name} is given {len(readers)} times", "give it once")
    return inputs
