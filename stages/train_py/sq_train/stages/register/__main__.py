"""sq-register: a candidate in; a version of the bucket out."""

from __future__ import annotations

import sys

from sq.v1.judge_training_pb2 import CandidateModel, JudgeTraining, RegisteredCandidate
from sq_models import Registry, folder_digest, verified_copy
from sq_stagekit import InputError, Stage, Work, run_stage
from sq_train.stages.config import MODEL, keys_of, model_of
from sq_train.stages.data import single

_VERSION_DIGITS = 12
_FIELD = "--input candidate"


def run(work: Work) -> None:
    config: JudgeTraining = work.config
    candidate: CandidateModel = single(work.inputs["candidate"][0])
    model = model_of(config)
    with verified_copy(candidate.uri, _FIELD, keys_of(config)) as copy:
        if folder_digest(copy) != candidate.digest:
            raise InputError(_FIELD, f"{candidate.uri} is not the model that was trained", "start a new run")
        entry = Registry(model, MODEL).register(copy, candidate.digest[:_VERSION_DIGITS])
    work.note = f"registered {model.at(entry.version)}"
    work.write(RegisteredCandidate(model_uri=model.uri, version=entry.version, digest=entry.digest))


if __name__ == "__main__":
    sys.exit(run_stage(Stage.beside(__file__), run))
