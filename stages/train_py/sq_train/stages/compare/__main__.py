"""sq-compare: a candidate, and the model in production, on the labels that are held out."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from sq.v1.judge_training_pb2 import CandidateModel, JudgeTraining, Label, ModelComparison
from sq_agreement import Paired, paired
from sq_models import Registry
from sq_stagekit import InputError, Stage, Work, run_stage
from sq_train.stages.config import LABELS, MODEL, keys_of, model_of
from sq_train.stages.data import Data, single
from sq_trained import Features, OpenModel, open_model

LEVEL = 0.05


def run(work: Work) -> None:
    config: JudgeTraining = work.config
    candidate = open_candidate(single(work.inputs["candidate"][0]), config)
    history = Registry(model_of(config), MODEL).history()
    if not history:
        work.note = f"no version of {config.model_uri} is in production, so the candidate is the first"
        work.write(ModelComparison(candidate_digest=candidate.digest, better=True, reason=work.note))
        return
    last = history[-1]
    production = open_model(str(model_of(config).at(last.promotion.version)), MODEL, keys_of(config))
    found = ModelComparison(
        candidate_digest=candidate.digest, production_move=last.number, production=production.pinned.uri
    )
    if candidate.digest == production.digest:
        found.reason = f"the candidate is what is in production: {production.pinned.uri}"
    else:
        data = Data.read(work.inputs["queries"][0], work.inputs["labels"][0])
        judge(found, compared(candidate, production, data))
    work.note = found.reason
    work.write(found)


def open_candidate(candidate: CandidateModel, config: JudgeTraining) -> OpenModel:
    """Opens what fit wrote. Raises InputError if it was altered since."""
    opened = open_model(candidate.uri, "--input candidate", keys_of(config))
    if opened.digest != candidate.digest:
        problem = f"{candidate.uri} is not the model that was trained: its digest is {opened.digest[:12]}"
        raise InputError("--input candidate", problem, "start a new run")
    return opened


def compared(candidate: OpenModel, production: OpenModel, data: Data) -> Paired:
    """The paired test over the queries that are held out. Raises InputError."""
    labels = data.part(held_out=True)
    first, second = (grades(model, labels, data) for model in (candidate, production))
    try:
        return paired([label.grade for label in labels], first, second, [label.query_id for label in labels])
    except ValueError as error:
        raise InputError(LABELS, str(error), "label more queries") from error


def grades(opened: OpenModel, labels: Sequence[Label], data: Data) -> list[int]:
    """The model's grade of each labelled pair. Raises InputError if it judges another language."""
    languages = {data.queries[label.query_id].language for label in labels}
    trained = opened.model.card.language
    if languages != {trained}:
        problem = f"{opened.pinned.uri} judges {trained!r}, and the queries are {', '.join(sorted(languages))}"
        raise InputError(MODEL, problem, "give each language a model of its own")
    features = Features(opened.model.embed)
    features.learn(data.products.values(), trained)
    rows = [features.row(data.queries[label.query_id], data.products[label.product_id]) for label in labels]
    return [graded.grade for graded in opened.model.grade(rows)]


def judge(found: ModelComparison, test: Paired) -> None:
    """Fills in the figures, the decision and its reason."""
    found.candidate_kappa, found.production_kappa = test.first, test.second
    found.p_value, found.pairs, found.queries = test.p_value, test.pairs, test.queries
    found.better = test.difference > 0 and test.p_value <= LEVEL
    verdict = "better" if found.better else "not better by more than chance" if test.difference > 0 else "not better"
    found.reason = (
        f"{verdict} than {found.production}: quadratic kappa {test.first:.3f} against {test.second:.3f},"
        f" p = {test.p_value:.4f}, on {test.queries} queries held out"
    )


if __name__ == "__main__":
    sys.exit(run_stage(Stage.beside(__file__), run))
