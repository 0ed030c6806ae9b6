"""sq-load-model: the name of a model in; a verified copy of the version that it means now out."""

from __future__ import annotations

import sys

from sq.v1.judge_inference_pb2 import JudgeInference, LoadedModel
from sq_handoff import Store
from sq_handoff.location import join
from sq_models import open_folder
from sq_models.folder import model_files
from sq_predict.stages.config import MODEL, keys_of
from sq_stagekit import Stage, Work, run_stage

_FOLDER = "model"


def run(work: Work) -> None:
    config: JudgeInference = work.config
    folder = join(work.output.uri, _FOLDER)
    with open_folder(config.model_uri, MODEL, keys_of(config)) as opened:
        store = Store.at(folder)
        for path in model_files(opened.path):
            store.put(path.relative_to(opened.path).as_posix(), path.read_bytes())
        pinned = opened.pinned
    work.note_model(config.model_uri, pinned)
    work.write(LoadedModel(folder_uri=folder, reference=config.model_uri, uri=pinned.uri, digest=pinned.digest))
    work.note = f"{pinned.uri}, digest {pinned.digest[:12]}"


if __name__ == "__main__":
    sys.exit(run_stage(Stage.beside(__file__), run))
