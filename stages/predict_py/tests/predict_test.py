"""sq-predict: one program, and whatever model the bucket has."""

import json

import pytest
from small_module import MODULE, write_module
from start_model import start_card, write_model

from sq.v1.judgment_pb2 import JudgingRecord
from sq.v1.manifest_pb2 import Provenance
from sq.v1.product_pb2 import Product
from sq.v1.query_pb2 import BAND_HEAD, Query, QuerySetRecord, Segment
from sq.v1.retrieval_pb2 import Hit, RetrievalRecord, SearchResult
from sq_handoff import ArtefactReader, ArtefactWriter, Store, fetch_manifest
from sq_handoff.product import seal
from sq_models import Registry, parse_reference, promote, verified_copy
from sq_predict.__main__ import main

MOUSE = seal(Product(product_id="m", title="Acme wireless mouse", brand="Acme"))
PAD = seal(Product(product_id="p", title="Acme mouse pad", brand="Acme"))


def publish(uri, message, records):
    writer = ArtefactWriter(str(uri), message)
    for record in records:
        writer.write(record)
    writer.publish(Provenance(stage="test", run_id="r"))
    return uri


class Bench:
    """A query, what a search returned for it, a bucket, and the program."""

    def __init__(self, folder):
        self.folder = folder
        self.bucket = folder / "bucket"
        query = Query(query_id="q1", segment_id="S", source_text="mouse", source_language="en", text="mouse")
        query.MergeFrom(Query(language="en", band=BAND_HEAD))
        hits = [
            Hit(rank=rank, product={"product_id": hit.product_id, "content_hash": hit.content_hash})
            for rank, hit in enumerate((MOUSE, PAD), 1)
        ]
        result = SearchResult(query_id="q1", segment_id="S", hits=hits, total_hits=2)
        queries = [QuerySetRecord(segment=Segment(segment_id="S", queries=[query]))]
        found = [*(RetrievalRecord(product=product) for product in (MOUSE, PAD)), RetrievalRecord(result=result)]
        self.queries = publish(folder / "queries", QuerySetRecord, queries)
        self.retrieval = publish(folder / "retrieval", RetrievalRecord, found)

    def register(self, name, version, folder):
        with verified_copy(str(folder), "model") as copy:
            Registry(parse_reference(f"{self.bucket}/{name}", "model"), "model").register(copy, version)

    def promote(self, name, version):
        promote(parse_reference(f"{self.bucket}/{name}@{version}", "model"), "", "model")

    def predict(self, reference, output="out", inputs=("retrieval",), **config):
        given = {"model": f"{self.bucket}/{reference}", **config}
        arguments = ["--run-id", "r", "--market", "uk", "--config", json.dumps(given)]
        arguments += [word for name in inputs for word in ("--input", f"{name}={self.folder / name}")]
        return main([*arguments, "--output", str(self.folder / output)])

    def read(self, message, output="out"):
        return list(ArtefactReader.open(str(self.folder / output), message))

    def provenance(self, output="out"):
        return fetch_manifest(str(self.folder / output)).provenance


@pytest.fixture
def bench(tmp_path, monkeypatch):
    monkeypatch.setenv("SQ_KEYS", str(tmp_path / "keys"))
    return Bench(tmp_path)


@pytest.fixture
def twice(bench):
    """The model `twice`: v1 yields each record once, v2 twice."""
    for times in (1, 2):
        bench.register("twice", f"v{times}", write_module(bench.folder / f"v{times}", times))
    bench.promote("twice", "v1")
    return bench


def test_a_new_version_changes_the_output_of_the_same_program(twice):
    assert twice.predict("twice@production", "before") == 0
    twice.promote("twice", "v2")
    assert twice.predict("twice@production", "after") == 0
    before, after = (twice.read(RetrievalRecord, name) for name in ("before", "after"))
    assert (len(before), len(after)) == (3, 6)
    programs = {twice.provenance(name).image_digest for name in ("before", "after")}
    assert len(programs) == 1
    assert [twice.provenance(name).models[0].uri[-2:] for name in ("before", "after")] == ["v1", "v2"]


def test_a_finished_prediction_stays_when_production_moves(twice):
    assert twice.predict("twice@production") == 0
    twice.promote("twice", "v2")
    assert twice.predict("twice@production") == 0
    assert len(twice.read(RetrievalRecord)) == 3


def test_a_trained_judge_grades_and_another_version_grades_otherwise(bench):
    for version, card in (("v1", start_card()), ("v2", start_card(cuts=[0.5, 1.5, 2.5, 3.9]))):
        bench.register("judge", version, write_model(bench.folder / version, card))
        assert bench.predict(f"judge@{version}", f"by-{version}", ("queries", "retrieval")) == 0
    grades = [
        [(record.judgment.product_id, record.judgment.grade) for record in bench.read(JudgingRecord, name)[1:]]
        for name in ("by-v1", "by-v2")
    ]
    assert grades == [[("m", 4), ("p", 0)], [("m", 3), ("p", 0)]]


def told(capfd):
    return json.loads(capfd.readouterr().err.splitlines()[-1])["message"]


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ("raise KeyError('weights')", "raised KeyError at model.py:"),
        ("raise SystemExit(0)", "raised SystemExit at model.py:"),
        ("return [1]", "yields a int, not sq.v1.RetrievalRecord"),
        ("return [type(r)() for r in inputs['retrieval']]", "yields a record that breaks its contract"),
        ("return None", "raised TypeError"),
    ],
)
def test_a_model_that_fails_is_2_and_publishes_nothing(bench, capfd, body, problem):
    module = f"class Model:\n    def __init__(self, folder): pass\n    def run(self, inputs):\n        {body}\n"
    bench.register("broken", "v1", write_module(bench.folder / "v1", module=module))
    assert bench.predict("broken@v1") == 2
    assert problem in told(capfd)
    assert not (bench.folder / "out" / "manifest.json").exists()


def altered(store):
    store.put("v1/weights.txt", b"7")


def unsigned(store):
    store.delete("v1/model.sig")


def missing(store):
    for name in store.list("v1"):
        store.delete(name)


@pytest.mark.parametrize(
    ("spoil", "problem"),
    [(altered, "it was altered"), (unsigned, "it has no signature"), (missing, "there is no model at")],
)
def test_a_model_that_is_not_as_registered_is_2_and_does_not_run(bench, capfd, spoil, problem):
    trace = bench.folder / "trace"
    module = f"open({str(trace)!r}, 'w').close()\n{MODULE}"
    bench.register("twice", "v1", write_module(bench.folder / "v1", module=module))
    spoil(Store.at(f"{bench.bucket}/twice"))
    assert bench.predict("twice@v1") == 2
    assert problem in told(capfd)
    assert not trace.exists()
    assert not (bench.folder / "out").exists()


@pytest.mark.parametrize(
    ("reference", "changed", "problem"),
    [
        ("twice@v9", {}, "registered versions: v1, v2"),
        ("other@production", {}, "no version of"),
        ("twice@v1", {"inputs": ("queries",)}, "inputs of this stage: retrieval"),
        ("twice@v1", {"inputs": ()}, "retrieval is missing"),
        ("twice@v1", {"public_key_file": "no.pub"}, "there is no file no.pub"),
        ("twice@v1", {"weights": 1}, "weights"),
    ],
)
def test_bad_input_is_2_with_what_to_do(twice, capfd, reference, changed, problem):
    assert twice.predict(reference, **changed) == 2
    assert problem in told(capfd)
