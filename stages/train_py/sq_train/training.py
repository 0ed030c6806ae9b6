"""From labelled pairs to a model: held-out scores, what they teach, and the trees of all pairs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sq.v1.model_card_pb2 import ModelCard, ModelFigure, ModelFigures
from sq_train.agreement import agreement, calibration_error, quadratic_kappa, with_interval
from sq_train.boosting import Boosted, fit
from sq_train.examples import Examples
from sq_train.onnx_trees import as_onnx
from sq_train.validation import cross_decided, decide, held_out_scores
from sq_trained.features import FEATURES_VERSION, NAMES
from sq_trained.model import FORMAT
from sq_trained.scores import TOP_GRADE

_DECIMALS = 6


@dataclass(frozen=True)
class Trained:
    """A card without its sources, and the bytes of each file of trees by name."""

    card: ModelCard
    trees: dict[str, bytes]


def train(examples: Examples, language: str, seed: int) -> Trained:
    """Trains a judge. The same examples and seed give the same bytes."""
    scores = held_out_scores(examples, seed)
    boosted = fit(examples, seed)
    trees, files = _trees(boosted)
    decision = decide(scores, examples.grades)
    card = ModelCard(
        format=FORMAT,
        features_version=FEATURES_VERSION,
        features=NAMES,
        language=language,
        starts=boosted.starts.round(_DECIMALS).reshape(-1),
        trees=trees,
        slopes=decision.slopes,
        offsets=decision.offsets,
        cuts=decision.cuts,
        figures=figures(examples, scores, seed),
    )
    return Trained(card, files)


def figures(examples: Examples, scores: np.ndarray, seed: int) -> ModelFigures:
    """The figures of held-out pairs. Calibration and cuts, too, were learnt without the pair's query."""
    given, above = cross_decided(scores, examples, seed)
    labels, rules = examples.grades, examples.rules

    def of(measure, *arrays: np.ndarray) -> ModelFigure:
        return with_interval(lambda at: measure(*(array[at] for array in arrays)), examples.queries, seed)

    return ModelFigures(
        queries=len(np.unique(examples.queries)),
        pairs=len(labels),
        kappa=of(quadratic_kappa, labels, given),
        agreement=of(agreement, labels, given),
        calibration_error=of(calibration_error, labels, given, above),
        rules_kappa=of(quadratic_kappa, labels, rules),
        rules_agreement=of(agreement, labels, rules),
        labels_by_grade=np.bincount(labels, minlength=TOP_GRADE + 1).tolist(),
    )


def _trees(boosted: Boosted) -> tuple[list[str], dict[str, bytes]]:
    """The name of each level's file, and the files. Levels that share trees share a file."""
    names: list[str] = []
    files: dict[str, bytes] = {}
    for level, booster in enumerate(boosted.boosters):
        if booster is None:
            names.append("")
        elif level and booster is boosted.boosters[level - 1]:
            names.append(names[-1])
        else:
            names.append(f"above-{level}.onnx")
            files[names[-1]] = as_onnx(booster)
    return names, files
