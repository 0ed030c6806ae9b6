"""sq-predict-loaded: what sq-load-data and sq-load-model copied in; the model's records out."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from sq.v1.judge_inference_pb2 import LoadedModel
from sq.v1.manifest_pb2 import PinnedModel
from sq_handoff import ArtefactReader
from sq_models import OpenFolder, folder_digest, verified_copy
from sq_predict.interface import contract_of
from sq_predict.run import Prediction
from sq_predict.stages.config import keys_of, single
from sq_stagekit import InputError, Stage, run_stage
from sq_stagekit.command import Command, flag_parser, read_command
from sq_stagekit.logs import start_logging
from sq_stagekit.run import exit_code, log_context

_FIELD = "--input model"


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the loaded model, as sq-predict does. Returns the exit code of a stage."""
    wired = Stage.beside(__file__).contract
    flags = flag_parser(wired).parse_args(arguments)
    log = start_logging(log_context(wired.name, flags))
    found: list[tuple[Stage, Prediction, list[str]]] = []

    def prepare() -> None:
        command = read_command(wired, flags)
        loaded: LoadedModel = single(command.inputs["model"][0])
        opened = held.enter_context(open_loaded(loaded, keys_of(command.config)))
        prediction = Prediction.of(loaded.reference, opened)
        stage = Stage(contract_of(prediction.interface, loaded.uri, _FIELD))
        found.append((stage, prediction, plain_arguments(command, loaded)))

    with ExitStack() as held:
        code = exit_code(prepare, log)
        if code:
            return code
        stage, prediction, plain = found[0]
        return run_stage(stage, prediction.run, plain)


@contextmanager
def open_loaded(loaded: LoadedModel, keys: Sequence[Path]) -> Iterator[OpenFolder]:
    """The copy, verified again. Raises InputError if it is not the model that was loaded."""
    with verified_copy(loaded.folder_uri, _FIELD, keys) as copy:
        digest = folder_digest(copy)
        if digest != loaded.digest:
            problem = f"the model {loaded.uri} is not run: {loaded.folder_uri} has other files than were loaded"
            raise InputError(_FIELD, problem, "clear the task load_model")
        yield OpenFolder(copy, PinnedModel(reference=loaded.reference, uri=loaded.uri, digest=digest))


def plain_arguments(command: Command, loaded: LoadedModel) -> list[str]:
    """The command line of sq-predict for the loaded artefacts."""
    data: ArtefactReader = command.inputs["data"][0]
    config = json.dumps({"model": loaded.uri}, ensure_ascii=False)
    made = ["--run-id", command.run_id, "--market", command.market, "--config", config, "--output", command.output]
    for artefact in data:
        made += ["--input", f"{artefact.input}={artefact.uri}"]
    return made


if __name__ == "__main__":
    sys.exit(main())
