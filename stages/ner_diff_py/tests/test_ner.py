"""The stage with a NER service."""

import json
import logging
from concurrent import futures
from contextlib import contextmanager

import grpc
import pytest
from ner_diff_market import product, query, result

import sq_ner_diff.__main__ as program
from sq.v1.manifest_pb2 import Provenance
from sq.v1.ner_config_pb2 import NerServerConfig
from sq.v1.ner_service_pb2 import TaggedText, TagTextsResponse
from sq.v1.ner_service_pb2_grpc import NerServiceServicer, add_NerServiceServicer_to_server
from sq.v1.query_pb2 import QuerySetRecord, Segment
from sq.v1.retrieval_pb2 import RetrievalRecord
from sq.v1.tag_difference_pb2 import TAG_CHANGE_KIND_LOST, TagDifference
from sq.v1.tag_pb2 import TagEngine
from sq_handoff import ArtefactReader, ArtefactWriter
from sq_ner.gazetteers import Gazetteers
from sq_ner.server import NerServer
from sq_ner.tagger import GazetteerTagger
from sq_ner_diff.run import run
from sq_ner_diff.text_tags import gazetteer_digest
from sq_stagekit import Stage, run_stage
from sq_text import Entry

ENTRIES = [
    Entry("COLOUR", "red", "red"),
    Entry("CATEGORY", "shirt", "shirts"),
    Entry("COLOUR", "blue", "blue"),
]
TAGGER = GazetteerTagger(ENTRIES, "en")
TEXTS = ["red shirt", "blue waterproof shirt", "something", "shirts"]
PRODUCTS = [
    product("red", "Red shirt", category="shirt", colour="red"),
    product("plain", "Shirt", category="shirt"),
]


def queries():
    return [
        query(f"q{number}", text, tags)
        for number, (text, tags) in enumerate(zip(TEXTS, TAGGER.tag_all(TEXTS), strict=True))
    ]


def run_ner_diff(folder, config, output="out", engines=(TAGGER.engine,)):
    sets = [QuerySetRecord(segment=Segment(segment_id="S", queries=queries()))]
    retrieved = result("q0", PRODUCTS)
    arguments = ["--run-id", "r", "--config", json.dumps(config), "--output", str(folder / output)]
    for name, message, records in (
        ("queries", QuerySetRecord, sets),
        ("retrieval", RetrievalRecord, retrieved),
    ):
        writer = ArtefactWriter(str(folder / f"{output}-{name}"), message)
        for record in records:
            writer.write(record)
        writer.publish(Provenance(tag_engines=engines))
        arguments += ["--input", f"{name}={writer.uri}"]
    return run_stage(Stage.beside(program.__file__), run, arguments)


def read(folder, output="out"):
    return ArtefactReader.open(str(folder / output), TagDifference)


@pytest.fixture
def address():
    server = NerServer(NerServerConfig(listen="127.0.0.1:0"), logging.getLogger("sq.test"))
    server.serve(Gazetteers([TAGGER, GazetteerTagger(ENTRIES[1:], "en")]))
    yield f"127.0.0.1:{server.port}"
    server.stop()


class Colourless(NerServiceServicer):
    """A shop's own engine that knows no colours."""

    def TagTexts(self, request, context):  # noqa: N802, the name in the contract
        texts = []
        for tags in TAGGER.tag_all(request.texts):
            texts.append(TaggedText(tags=[tag for tag in tags if tag.type != "COLOUR"]))
        return TagTextsResponse(engine=TagEngine(name="colourless", version="1"), texts=texts)


@contextmanager
def colourless():
    server = grpc.server(futures.ThreadPoolExecutor(1))
    add_NerServiceServicer_to_server(Colourless(), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        yield f"127.0.0.1:{port}"
    finally:
        server.stop(0)


def test_the_engine_that_tagged_the_query_set_gives_the_same_artefact(tmp_path, address):
    assert run_ner_diff(tmp_path, {}, "alone") == 0
    assert run_ner_diff(tmp_path, {"ner_address": address}, "asked") == 0
    assert read(tmp_path, "asked").digest == read(tmp_path, "alone").digest
    assert list(read(tmp_path, "asked").manifest.provenance.tag_engines) == [TAGGER.engine]
    assert not read(tmp_path, "alone").manifest.provenance.tag_engines


def test_tags_that_another_engine_does_not_find_are_lost(tmp_path):
    with colourless() as address:
        assert run_ner_diff(tmp_path, {"ner_address": address}) == 0
    red, blue, *others = read(tmp_path)
    assert [(change.kind, change.before.value) for change in red.changes] == [(TAG_CHANGE_KIND_LOST, "red")]
    assert [term.term for term in red.uncovered_terms] == ["red"]
    assert [term.term for term in blue.uncovered_terms] == ["blue", "waterproof"]
    # The results are still compared with the intended tags.
    assert [item.tag.value for item in red.evidence] == ["red", "shirt"]
    assert not any(record.changes for record in others)


def test_a_query_set_of_another_gazetteer_is_refused(tmp_path, address, capsys):
    other = GazetteerTagger([], "en").engine
    assert run_ner_diff(tmp_path, {"ner_address": address}, engines=[other]) == 2
    assert other.gazetteer_digest in capsys.readouterr().err
    assert not (tmp_path / "out" / "manifest.json").exists()


@pytest.mark.parametrize(
    ("engines", "expected"),
    [
        ([], ""),
        ([("en", "a")], "a"),
        ([("en", "a"), ("en", "b")], "b"),
        ([("de", "a"), ("en", "b"), ("de", "c")], "b"),
    ],
)
def test_the_gazetteer_is_that_of_the_language_named_last(engines, expected):
    found = [TagEngine(language=language, gazetteer_digest=digest) for language, digest in engines]
    assert gazetteer_digest(found, "en") == expected
