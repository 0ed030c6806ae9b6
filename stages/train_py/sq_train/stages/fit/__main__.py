"""sq-fit: queries and labels in; a signed model that is no version yet out."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from sq.v1.judge_training_pb2 import CandidateModel, JudgeTraining
from sq_handoff import Store
from sq_handoff.location import join
from sq_models import CARD_FILE, folder_digest
from sq_models.folder import model_files
from sq_ratings import query_key
from sq_stagekit import Stage, Work, run_stage
from sq_train.embedding_files import open_embedding, read_embedding
from sq_train.examples import make_examples
from sq_train.sources import model_sources
from sq_train.stages.config import as_configured
from sq_train.stages.data import Data
from sq_train.training import train
from sq_train.write import write_model
from sq_trained import Features

_FOLDER = "model"


def run(work: Work) -> None:
    config: JudgeTraining = work.config
    data = Data.read(work.inputs["queries"][0], work.inputs["labels"][0])
    keys = {query.query_id: query_key(query.source_text) for query in data.queries.values()}
    labels = {(keys[label.query_id], label.product_id): label.grade for label in data.part(held_out=False)}
    with as_configured(), tempfile.TemporaryDirectory(prefix="sq-fit-") as name:
        embedding = read_embedding(config.embedding_uri)
        with work.phase("features"):
            features = Features(open_embedding(embedding))
            examples = make_examples(labels, data.queries.values(), data.products, features)
        with work.phase("train"):
            trained = train(examples, config.language or "en", config.seed)
        trained.card.sources.CopyFrom(model_sources(labels, examples, embedding, config.seed))
        folder = Path(name) / _FOLDER
        write_model(folder, trained, embedding)
        uri = join(work.output.uri, _FOLDER)
        copy(folder, Store.at(uri))
        figures = trained.card.figures
        work.write(CandidateModel(uri=uri, digest=folder_digest(folder), figures=figures))
    work.note = f"quadratic kappa {figures.kappa.value:.3f} in cross-validation over {figures.queries} queries"


def copy(folder: Path, store: Store) -> None:
    """Copies a model to a store. Its card comes last, because a folder without a card is no model."""
    files = [path.relative_to(folder).as_posix() for path in model_files(folder)]
    for name in sorted(files, key=lambda name: name == CARD_FILE):
        store.put(name, (folder / name).read_bytes())


if __name__ == "__main__":
    sys.exit(run_stage(Stage.beside(__file__), run))
