"""The stages of judge-inference: a run and a model in, JSON lines out, and no copies left."""

from __future__ import annotations

import json

import pytest
from start_model import start_card, write_model

from sq.v1.judge_inference_pb2 import LoadedArtefact, LoadedModel
from sq.v1.judgment_pb2 import JudgingRecord
from sq.v1.manifest_pb2 import Provenance
from sq.v1.product_pb2 import Product
from sq.v1.query_pb2 import BAND_HEAD, Query, QuerySetRecord, Segment
from sq.v1.retrieval_pb2 import Hit, RetrievalRecord, SearchResult
from sq_handoff import ArtefactReader, ArtefactWriter, fetch_manifest
from sq_handoff.product import seal
from sq_models import Registry, parse_reference, promote, verified_copy
from sq_predict.stages.cleanup import __main__ as cleanup
from sq_predict.stages.load_data import __main__ as load_data
from sq_predict.stages.load_model import __main__ as load_model
from sq_predict.stages.predict import __main__ as predict
from sq_predict.stages.store import __main__ as store
from sq_stagekit import Stage, run_stage

MOUSE = seal(Product(product_id="m", title="Acme wireless mouse", brand="Acme"))
PAD = seal(Product(product_id="p", title="Acme mouse pad", brand="Acme"))
INPUTS = {"predict": {"data": "load-data", "model": "load-model"}, "store": {"predictions": "predict"}}
STAGES = {"load-data": load_data, "load-model": load_model, "predict": predict, "store": store, "cleanup": cleanup}


def publish(uri, message, records):
    writer = ArtefactWriter(str(uri), message)
    for record in records:
        writer.write(record)
    writer.publish(Provenance(stage="test", run_id="r"))


def query(name):
    text = Query(query_id=name, segment_id="S", source_text="mouse", source_language="en", text="mouse")
    text.MergeFrom(Query(language="en", band=BAND_HEAD))
    return text


def results(name):
    hits = [
        Hit(rank=rank, product={"product_id": hit.product_id, "content_hash": hit.content_hash})
        for rank, hit in enumerate((MOUSE, PAD), 1)
    ]
    result = SearchResult(query_id=name, segment_id="S", hits=hits, total_hits=2)
    return [*(RetrievalRecord(product=product) for product in (MOUSE, PAD)), RetrievalRecord(result=result)]


class Inference:
    """A finished run with two shards, a bucket, and the stages of one run."""

    def __init__(self, folder):
        self.folder, self.source = folder, folder / "runs/november/uk"
        segment = Segment(segment_id="S", queries=[query("q1"), query("q2")])
        publish(self.source / "generate", QuerySetRecord, [QuerySetRecord(segment=segment)])
        for shard in (0, 1):
            publish(self.source / f"retrieve/shard-{shard}-of-2", RetrievalRecord, results(f"q{shard + 1}"))
        self.model = parse_reference(str(folder / "bucket/judge"), "model")
        self.config = {
            "model": f"{self.model.uri}@production",
            "source_uri": str(self.source),
            "store_uri": str(folder / "lake"),
        }
        for version, card in (("v1", start_card()), ("v2", start_card(cuts=[0.5, 1.5, 2.5, 3.9]))):
            with verified_copy(str(write_model(folder / version, card)), "model") as copy:
                Registry(self.model, "model").register(copy, version)
        promote(self.model.at("v1"), "", "model")

    def place(self, stage):
        return self.folder / "r1/all-markets" / stage

    def run(self, *stages, **changed):
        for name in stages:
            arguments = ["--run-id", "r1", "--config", json.dumps(self.config | changed)]
            for given, writer in INPUTS.get(name, {}).items():
                arguments += ["--input", f"{given}={self.place(writer)}"]
            arguments += ["--output", str(self.place(name))]
            module = STAGES[name]
            if hasattr(module, "main"):
                code = module.main(arguments)
            else:
                code = run_stage(Stage.beside(module.__file__), module.run, arguments)
            if code:
                return code
        return 0

    def records(self, stage, message):
        return list(ArtefactReader.open(str(self.place(stage)), message))


@pytest.fixture
def inference(tmp_path, monkeypatch):
    monkeypatch.setenv("SQ_KEYS", str(tmp_path / "keys"))
    return Inference(tmp_path)


def told(capfd):
    lines = [json.loads(line) for line in capfd.readouterr().err.splitlines() if line.startswith("{")]
    return next(line["message"] for line in reversed(lines) if line["level"] == "error")


def test_a_run_is_judged_and_stored_and_its_copies_are_removed(inference):
    assert inference.run("load-data", "load-model", "predict", "store", "cleanup") == 0
    lines = [json.loads(line) for line in (inference.folder / "lake/r1.ndjson").read_text().splitlines()]
    grades = [(line["judgment"]["queryId"], line["judgment"].get("grade", 0)) for line in lines if "judgment" in line]
    assert grades == [("q1", 4), ("q1", 0), ("q2", 4), ("q2", 0)]
    assert not [path for name in cleanup.COPIES for path in inference.place(name).rglob("*") if path.is_file()]


def test_every_shard_is_copied_with_its_digest(inference):
    assert inference.run("load-data") == 0
    found = inference.records("load-data", LoadedArtefact)
    assert [item.input for item in found] == ["queries", "retrieval", "retrieval"]
    assert [fetch_manifest(item.source_uri).digest for item in found] == [item.digest for item in found]
    assert [fetch_manifest(item.uri).digest for item in found] == [item.digest for item in found]


def test_the_version_is_that_of_the_moment_it_was_loaded(inference):
    assert inference.run("load-data", "load-model") == 0
    promote(inference.model.at("v2"), "", "model")
    assert inference.run("predict") == 0
    (used,) = fetch_manifest(str(inference.place("predict"))).provenance.models
    assert (used.reference, used.uri) == (inference.config["model"], str(inference.model.at("v1")))


def test_a_cleared_run_is_done_again_and_cleaned_again(inference):
    every = ("load-data", "load-model", "predict", "store", "cleanup")
    assert inference.run(*every) == 0
    assert inference.run(*every) == 0
    assert not [path for name in cleanup.COPIES for path in inference.place(name).rglob("*") if path.is_file()]


def test_cleanup_of_a_run_without_copies_is_done(inference):
    assert inference.run("cleanup") == 0


def test_a_copy_that_was_altered_is_not_run(inference, capfd):
    assert inference.run("load-data", "load-model") == 0
    (copy,) = inference.records("load-model", LoadedModel)
    (inference.place("load-model") / "model/model.py").write_text("raise SystemExit('run')")
    assert copy.folder_uri.endswith("load-model/model")
    assert inference.run("predict") == 2
    assert "altered after it was signed" in told(capfd)


def test_another_signed_model_in_place_of_the_copy_is_not_run(inference, capfd):
    assert inference.run("load-data", "load-model") == 0
    write_model(inference.place("load-model") / "model", start_card(cuts=[0.1, 0.2, 0.3, 0.4]))
    assert inference.run("predict") == 2
    assert "has other files than were loaded" in told(capfd)


@pytest.mark.parametrize(
    ("stage", "changed", "problem"),
    [
        ("load-model", {"model": "bucket/absent@v1"}, "is not registered"),
        ("load-model", {"model": "bucket/judge@v9"}, "is not registered"),
        ("load-data", {"source_uri": "runs/december/uk"}, "there is no artefact at"),
        ("load-data", {"source_uri": ""}, "source_uri: is missing"),
        ("load-data", {"source_uri": "ftp://x/y"}, "the scheme must be one of"),
    ],
)
def test_a_model_or_a_run_that_is_not_there_is_2(inference, monkeypatch, capfd, stage, changed, problem):
    monkeypatch.chdir(inference.folder)
    assert inference.run(stage, **changed) == 2
    assert problem in told(capfd)


def test_a_missing_shard_is_2(inference, capfd):
    (inference.source / "retrieve/shard-0-of-2/manifest.json").unlink()
    assert inference.run("load-data") == 2
    assert "shard 0 of 2 is missing" in told(capfd)


def test_records_are_those_of_the_model(inference):
    assert inference.run("load-data", "load-model", "predict") == 0
    assert len(inference.records("predict", JudgingRecord)) == 5  # a summary and four judgments
