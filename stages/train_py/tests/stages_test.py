"""The stages of judge-training: labels in, a version in production out, only if it is better."""

from __future__ import annotations

import json

import pytest
from mouse_shop import coloured_labels, write_catalogue, write_labels
from small_shop import write_queries
from start_model import start_card, write_model
from tiny_embedding import write_tiny_embedding

from sq.v1.judge_training_pb2 import (
    CandidateModel,
    ModelComparison,
    PromotedModel,
    RegisteredCandidate,
    TrainingRecord,
)
from sq_handoff import ArtefactReader, fetch_manifest
from sq_models import Registry, parse_reference, promote, verified_copy
from sq_stagekit import Stage, run_stage
from sq_train.stages.compare import __main__ as compare
from sq_train.stages.fit import __main__ as fit
from sq_train.stages.promote import __main__ as promotion
from sq_train.stages.register import __main__ as register
from sq_train.stages.validate import __main__ as validate

STAGES = {"validate": validate, "fit": fit, "compare": compare, "register": register, "promote": promotion}
INPUTS = {
    "validate": ("queries",),
    "fit": ("queries", "labels"),
    "compare": ("queries", "labels", "candidate"),
    "register": ("candidate",),
    "promote": ("comparison", "registered"),
}
# Which stage writes an input.
WRITERS = {"labels": "validate", "candidate": "fit", "comparison": "compare", "registered": "register"}


class Training:
    """A shop, a bucket, and the stages of one run.

    Args:
        first: a run whose data and candidate this one takes.
    """

    def __init__(self, folder, first=None):
        self.folder, self.run_id, self.first = folder, "r1", first
        queries = sorted({query for query, _, _ in coloured_labels()})
        self.queries = write_queries(folder / "queries", queries)
        self.model = parse_reference(str(folder / "bucket/judge"), "model")
        self.config = {
            "model": self.model.uri,
            "labels": {"uri": str(write_labels(folder / "labels.csv", coloured_labels()))},
            "catalogue": {"uri": str(write_catalogue(folder / "catalogue.ndjson"))},
            "embedding_uri": str(write_tiny_embedding(folder / "embedding")),
            "held_out_share": 0.5,
        }

    def place(self, stage):
        if self.first and stage in ("validate", "fit"):
            return self.first.place(stage)
        return str(self.folder / self.run_id / stage)

    def run(self, *stages, **changed):
        """Runs stages until one does not end with 0. Returns its exit code."""
        for name in stages:
            arguments = ["--run-id", self.run_id, "--config", json.dumps(self.config | changed)]
            for given in INPUTS[name]:
                uri = self.queries if given == "queries" else self.place(WRITERS[given])
                arguments += ["--input", f"{given}={uri}"]
            module = STAGES[name]
            code = run_stage(Stage.beside(module.__file__), module.run, [*arguments, "--output", self.place(name)])
            if code:
                return code
        return 0

    def records(self, stage, message):
        return list(ArtefactReader.open(self.place(stage), message))

    def note(self, stage):
        return fetch_manifest(self.place(stage)).provenance.handoff.note

    def put_in_production(self, version, card):
        """A judge that gives the grade of the rules, cut as the card says."""
        with verified_copy(str(write_model(self.folder / version, card)), "model") as copy:
            Registry(self.model, "model").register(copy, version)
        promote(self.model.at(version), "by hand", "model")

    def history(self):
        return [move.promotion.version for move in Registry(self.model, "model").history()]


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A run up to its candidate. Nothing is in production."""
    folder = tmp_path_factory.mktemp("training")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SQ_KEYS", str(folder / "keys"))
        made = Training(folder)
        assert made.run("validate", "fit") == 0
        yield made


@pytest.fixture
def training(trained, tmp_path, monkeypatch):
    """The same run with a bucket, and further stages, of its own."""
    monkeypatch.setenv("SQ_KEYS", str(trained.folder / "keys"))
    return Training(tmp_path, trained)


def told(capfd):
    lines = [json.loads(line) for line in capfd.readouterr().err.splitlines() if line.startswith("{")]
    return next(line["message"] for line in reversed(lines) if line["level"] in ("error", "warning"))


def test_whole_queries_are_held_out_and_products_come_along(trained):
    records = trained.records("validate", TrainingRecord)
    labels = [record.label for record in records if record.HasField("label")]
    held = {label.query_id for label in labels if label.held_out}
    taught = {label.query_id for label in labels if not label.held_out}
    assert not held & taught
    assert len(held) >= 6
    assert len(held | taught) == 24
    products = {record.product.product_id for record in records if record.HasField("product")}
    assert products == {label.product_id for label in labels}
    assert records[0].summary.held_out_queries == len(held)


def test_which_queries_are_held_out_depends_on_the_query_alone(trained):
    held = {text for text in ("black mouse", "white mouse", "silver router") if validate.is_held_out(text, 0.5)}
    labels = [r.label for r in trained.records("validate", TrainingRecord) if r.HasField("label")]
    assert held <= {label.query_id[1:].replace("-", " ") for label in labels if label.held_out}
    assert all(validate.is_held_out(text, 0.9) for text in held)  # a larger share only adds


def test_training_sees_no_label_that_is_held_out(trained):
    (candidate,) = trained.records("fit", CandidateModel)
    summary = trained.records("validate", TrainingRecord)[0].summary
    assert candidate.figures.pairs == summary.training_labels
    assert summary.held_out_labels + summary.training_labels == len(coloured_labels())


def test_the_first_model_is_promoted(training):
    assert training.run("compare", "register", "promote") == 0
    (found,) = training.records("compare", ModelComparison)
    (made,) = training.records("register", RegisteredCandidate)
    assert (found.better, found.production_move) == (True, 0)
    assert training.history() == [made.version]
    assert training.records("promote", PromotedModel)[0].move == 1
    assert "the candidate is the first" in training.note("promote")


def test_a_better_model_is_promoted_with_its_figures_as_the_reason(training):
    training.put_in_production("poor", start_card(cuts=[0.01, 0.02, 0.03, 0.04]))  # gives nearly always 4
    assert training.run("compare", "register", "promote") == 0
    (found,) = training.records("compare", ModelComparison)
    assert found.better
    assert found.candidate_kappa > found.production_kappa
    assert found.p_value <= 0.05
    assert training.history() == ["poor", found.candidate_digest[:12]]
    assert "quadratic kappa" in Registry(training.model, "model").history()[-1].promotion.reason


def test_a_model_that_is_not_better_is_registered_and_not_promoted(training, capfd):
    assert training.run("compare", "register", "promote") == 0
    training.run_id = "r2"
    assert training.run("compare", "register", "promote") == 3
    assert "is not promoted: the candidate is what is in production" in told(capfd)
    assert len(training.history()) == 1


def test_production_that_moved_since_the_comparison_stays(training, capfd):
    training.put_in_production("poor", start_card(cuts=[0.01, 0.02, 0.03, 0.04]))
    assert training.run("compare", "register") == 0
    training.put_in_production("other", start_card())
    assert training.run("promote") == 2
    assert "moved production to other meanwhile" in told(capfd)
    assert training.history() == ["poor", "other"]


def test_a_repeated_promotion_is_found_and_moves_nothing(training):
    assert training.run("compare", "register", "promote") == 0
    assert training.run("promote") == 0
    assert len(training.history()) == 1


def test_production_that_was_altered_ends_the_comparison(training, capfd):
    training.put_in_production("v1", start_card())
    (training.folder / "bucket/judge/v1/model.py").write_text("raise SystemExit('run')")
    assert training.run("compare") == 2
    assert "altered after it was signed" in told(capfd)


@pytest.mark.parametrize(
    ("rows", "problem"),
    [
        ([(q, p, 3) for q, p, _ in coloured_labels()], "labels have the grade 4: there is nothing to tell apart"),
        ([row for row in coloured_labels() if row[0].startswith("black")][:120], "held out"),
        (coloured_labels()[:30], "are too few"),
        ([(q, f"x{p}", r) for q, p, r in coloured_labels()], "labelled products"),
    ],
)
def test_labels_that_cannot_train_a_judge_are_2(training, tmp_path, capfd, rows, problem):
    training.first = None
    labels = {"uri": str(write_labels(tmp_path / "bad.csv", rows))}
    assert training.run("validate", labels=labels) == 2
    assert problem in told(capfd)
    assert not (tmp_path / "r1/validate/manifest.json").exists()
