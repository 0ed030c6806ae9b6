"""The program: a model and artefacts in, an artefact out."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import ExitStack

from sq.v1.predict_config_pb2 import PredictConfig
from sq_models import open_folder
from sq_predict.interface import NAME, any_contract, contract_of
from sq_predict.run import FIELD, Prediction, keys_of
from sq_stagekit import Stage, run_stage
from sq_stagekit.command import flag_parser
from sq_stagekit.config import read_config
from sq_stagekit.logs import start_logging
from sq_stagekit.run import exit_code, log_context


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the model that the configuration names. Returns the exit code of a stage."""
    flags = flag_parser(any_contract()).parse_args(arguments)
    log = start_logging(log_context(NAME, flags))
    found: list[tuple[Stage, Prediction]] = []

    def prepare() -> None:
        config = read_config(flags.config, PredictConfig)
        opened = held.enter_context(open_folder(config.model_uri, FIELD, keys_of(config)))
        prediction = Prediction.of(config.model_uri, opened)
        stage = Stage(contract_of(prediction.interface, opened.pinned.uri, FIELD))
        found.append((stage, prediction))

    with ExitStack() as held:
        code = exit_code(prepare, log)
        if code:
            return code
        stage, prediction = found[0]
        return run_stage(stage, prediction.run, arguments)


if __name__ == "__main__":
    sys.exit(main())
