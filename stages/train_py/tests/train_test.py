"""sq-train as a program: labels and catalogue in, a signed model out, or one clear error and nothing."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest
from mouse_shop import labels, write_catalogue, write_labels
from small_shop import write_queries
from tiny_embedding import write_tiny_embedding

from sq_models import folder_digest, open_folder
from sq_models.module import load_module, read_card
from sq_train.__main__ import main
from sq_trained import JudgeModel, Row, judge_name, open_model
from sq_trained.features import DIRECTIONS, NAMES
from sq_trained.scores import cumulative


class Shop:
    def __init__(self, folder):
        self.folder = folder
        self.queries = write_queries(folder / "queries")
        self.catalogue = write_catalogue(folder / "catalogue.ndjson")
        self.embedding = write_tiny_embedding(folder / "embedding")

    def train(self, out="model", rows=None, **changed):
        given = {
            "queries": self.queries,
            "labels": write_labels(self.folder / "labels.csv", rows),
            "catalogue": self.catalogue,
            "embedding": self.embedding,
            "out": self.folder / out,
            **changed,
        }
        return main([f"--{name}={value}" for name, value in given.items()])


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    folder = tmp_path_factory.mktemp("shop")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SQ_KEYS", str(folder / "keys"))
        yield Shop(folder)


@pytest.fixture(scope="module")
def opened(shop):
    assert shop.train() == 0
    return open_model(str(shop.folder / "model"), "model").model


def test_a_model_learns_what_its_labels_mean(opened):
    figures = opened.card.figures
    assert (figures.pairs, figures.queries) == (len(labels()), 8)
    # The rules call a cover irrelevant; the labels call it poor.
    assert figures.kappa.value > 0.9
    assert figures.agreement.low > figures.rules_agreement.value
    assert list(figures.labels_by_grade) == [96, 24, 0, 0, 72]


def test_a_model_brings_the_module_that_runs_it(shop, opened):
    with open_folder(str(shop.folder / "model"), "model") as folder:
        assert read_card(folder, "model").interface.output_type == "sq.v1.JudgingRecord"
        assert isinstance(load_module(folder, "model"), JudgeModel)


def test_the_same_labels_and_seed_give_the_same_folder(shop, opened):
    assert shop.train("again") == 0
    assert folder_digest(shop.folder / "again") == folder_digest(shop.folder / "model")


def test_trees_have_the_same_bytes_in_every_process():
    script = "import hashlib, small_examples as s; from sq_train.boosting import fit; from sq_train.onnx_trees import *"
    script += "; print(hashlib.sha256(as_onnx(fit(s.small_examples(), 0).boosters[0])).hexdigest())"
    digests = set()
    for hash_seed in ("0", "1", "2"):
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "PYTHONHASHSEED": hash_seed}
        command = [sys.executable, "-c", script]
        digests.add(subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout)
    assert len(digests) == 1


def test_another_seed_gives_another_model(shop, opened):
    assert shop.train("other", seed=5) == 0
    assert folder_digest(shop.folder / "other") != folder_digest(shop.folder / "model")


@pytest.mark.parametrize("name", [name for name, way in DIRECTIONS.items() if way])
def test_more_of_a_good_sign_never_lowers_the_expected_grade(opened, name):
    random = np.random.default_rng(1)
    low = random.uniform(0, 3, size=(200, len(NAMES))).astype(np.float32)
    high = low.copy()
    high[:, NAMES.index(name)] += DIRECTIONS[name] * random.uniform(0, 3, size=200).astype(np.float32)
    before, after = (expected(opened, values) for values in (low, high))
    assert (after >= before - 1e-6).all()


def expected(model, values):
    class Rules:
        grade = 2

    scores = model._scores([Row(Rules, row) for row in values])
    return cumulative(scores, model.card.slopes, model.card.offsets).sum(axis=1)


def test_trees_as_onnx_give_the_scores_of_lightgbm(shop):
    import onnxruntime
    from small_examples import small_examples

    from sq_train.boosting import fit
    from sq_train.onnx_trees import as_onnx

    examples = small_examples()
    booster = fit(examples, seed=0).boosters[0]
    session = onnxruntime.InferenceSession(as_onnx(booster), providers=["CPUExecutionProvider"])
    found = session.run(None, {"features": examples.values})[0].reshape(-1)
    np.testing.assert_allclose(found, booster.predict(examples.values, raw_score=True), atol=1e-5)


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"rows": [(q, p, 3) for q, p, _ in labels()]}, "have the grade 4: there is nothing to tell apart"),
        ({"rows": [(q, f"x{p}", r) for q, p, r in labels()]}, "has none of the 96 labelled products"),
        ({"rows": labels()[:30]}, "30 labels of 2 queries are too few"),
        ({"rows": []}, "contains no ratings"),
        ({"labels": "nothing.csv"}, "nothing.csv"),
        ({"catalogue": "nothing.ndjson"}, "nothing.ndjson"),
        ({"embedding": "nothing"}, "must have one *.onnx and one *tokenizer.json"),
        ({"out": __file__}, "exists and is not a model"),
    ],
)
def test_bad_input_is_2_with_one_error_and_writes_nothing(shop, capsys, changed, problem):
    given = {"out": shop.folder / "refused", **changed}
    assert shop.train(**given) == 2
    assert problem in capsys.readouterr().err
    assert not (shop.folder / "refused").exists()
    assert not list(shop.folder.glob(".refused*"))


def test_a_judge_without_an_embedding_has_no_file_of_one_and_says_what_it_is(shop):
    assert shop.train("words", embedding="none") == 0
    opened = open_model(str(shop.folder / "words"), "model")
    assert {path.suffix for path in (shop.folder / "words").iterdir()} <= {".onnx", ".json", ".py", ".sig"}
    assert not (shop.folder / "words" / "embedding.onnx").exists()
    assert opened.model.card.sources.embedding_sha256 == ""
    assert opened.model.card.figures.kappa.value > 0.9
    assert judge_name(opened.digest, opened.model).startswith("trained-words/")


def test_an_embedding_that_cannot_be_run_is_2(shop, tmp_path, capsys):
    broken = write_tiny_embedding(tmp_path / "broken")
    (broken / "embedding.onnx").write_bytes(b"no model")
    assert shop.train("refused", embedding=broken) == 2
    assert "--embedding: cannot be run" in capsys.readouterr().err


def test_training_replaces_a_model_whole(shop):
    assert shop.train("replaced") == 0
    (shop.folder / "replaced" / "left-over").write_text("x")
    assert shop.train("replaced", seed=2) == 0
    assert not (shop.folder / "replaced" / "left-over").exists()
    assert open_model(str(shop.folder / "replaced"), "model").model.card.sources.seed == 2
