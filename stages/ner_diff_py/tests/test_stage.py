"""The whole stage."""

import json

import pytest
from ner_diff_market import product, query, result, tag

import sq_ner_diff.__main__ as program
from sq.v1.manifest_pb2 import Provenance
from sq.v1.query_pb2 import QuerySetRecord, Segment
from sq.v1.retrieval_pb2 import RETRIEVAL_FAILURE_REASON_TIMEOUT, RetrievalFailure, RetrievalRecord
from sq.v1.tag_difference_pb2 import TagDifference
from sq_handoff import ArtefactReader, ArtefactWriter
from sq_ner_diff.run import run
from sq_stagekit import Stage, run_stage

RED = product("red", "Red shirt", category="shirt", colour="red")
BLUE = product("blue", "Blue shirt", category="shirt", colour="blue")
QUERIES = [query(name, "red shirt", [tag("red shirt", "COLOUR", "red")]) for name in ("a", "b", "c")]
FAILURE = RetrievalRecord(failure=RetrievalFailure(query_id="b", reason=RETRIEVAL_FAILURE_REASON_TIMEOUT))


def run_ner_diff(folder, shards, config=None, output="out"):
    inputs = [("queries", QuerySetRecord, [QuerySetRecord(segment=Segment(segment_id="S", queries=QUERIES))])]
    inputs += [("retrieval", RetrievalRecord, records) for records in shards]
    arguments = ["--run-id", "r", "--config", json.dumps(config or {}), "--output", str(folder / output)]
    for number, (name, message, records) in enumerate(inputs):
        writer = ArtefactWriter(str(folder / f"{output}-{number}"), message)
        for record in records:
            writer.write(record)
        writer.publish(Provenance())
        arguments += ["--input", f"{name}={writer.uri}"]
    return run_stage(Stage.beside(program.__file__), run, arguments)


def read(folder, output="out"):
    return ArtefactReader.open(str(folder / output), TagDifference)


def test_every_query_has_a_record_in_the_order_of_the_query_set(tmp_path):
    assert run_ner_diff(tmp_path, [[*result("c", [RED, BLUE]), FAILURE], result("a", [BLUE])]) == 0
    found = {record.query_id: record.evidence[0] for record in read(tmp_path)}
    assert list(found) == ["a", "b", "c"]
    assert [item.results_checked for item in found.values()] == [1, 0, 2]
    assert [item.results_matching for item in found.values()] == [0, 0, 1]


def test_depth_cuts_the_results(tmp_path):
    assert run_ner_diff(tmp_path, [result("a", [BLUE, RED])], {"depth": 1}) == 0
    assert next(iter(read(tmp_path))).evidence[0].results_checked == 1


def test_equal_inputs_give_equal_digests(tmp_path):
    shards = [result("a", [BLUE, RED])]
    assert [run_ner_diff(tmp_path, shards, output=name) for name in ("one", "two")] == [0, 0]
    assert read(tmp_path, "one").digest == read(tmp_path, "two").digest


@pytest.mark.parametrize(
    ("shards", "config", "message"),
    [
        ([result("a", [RED]), result("a", [RED])], {}, "contains query a twice"),
        ([result("x", [RED])], {}, "query x is not in the query set"),
        ([result("a", [RED])], {"nerOptions": {"engine": "own"}}, "ner_options needs ner_address"),
    ],
)
def test_inputs_that_do_not_fit_are_refused(tmp_path, capsys, shards, config, message):
    assert run_ner_diff(tmp_path, shards, config) == 2
    assert message in capsys.readouterr().err
    assert not (tmp_path / "out" / "manifest.json").exists()
