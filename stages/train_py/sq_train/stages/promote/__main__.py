"""sq-promote: a comparison and a registered version in; a move of the production pointer out, if it is better."""

from __future__ import annotations

import sys

from sq.v1.judge_training_pb2 import JudgeTraining, ModelComparison, PromotedModel, RegisteredCandidate
from sq_models import promote
from sq_stagekit import InputError, Stage, StopHere, Work, run_stage
from sq_train.stages.config import MODEL, keys_of, model_of
from sq_train.stages.data import single


def run(work: Work) -> None:
    """Promotes the version only if production is still what it was compared with."""
    config: JudgeTraining = work.config
    comparison: ModelComparison = single(work.inputs["comparison"][0])
    registered: RegisteredCandidate = single(work.inputs["registered"][0])
    if comparison.candidate_digest != registered.digest:
        raise InputError("--input registered", "is not the model that was compared", "clear both tasks")
    version = model_of(config).at(registered.version)
    if not comparison.better:
        raise StopHere(f"{version} is not promoted: {comparison.reason}")
    move = promote(version, comparison.reason, MODEL, keys_of(config), after=comparison.production_move)
    work.note = f"in production: {version}, move {move.number}; {comparison.reason}"
    work.write(PromotedModel(model_uri=str(version), move=move.number, reason=comparison.reason))


if __name__ == "__main__":
    sys.exit(run_stage(Stage.beside(__file__), run))
