"""The whole stage, by its command line, on a shop of nine products."""

import csv
import json
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest
from google.protobuf import json_format

from sq.v1.query_pb2 import QuerySetRecord
from sq_generate import __main__ as program
from sq_generate.run import run
from sq_handoff import ArtefactReader
from sq_handoff.validate import check_record
from sq_llm_server import LlmServer
from sq_stagekit import Stage, run_stage

FIELDS = {
    "id": "id",
    "title": "title",
    "brand": "brand",
    "category": "category",
    "attributes": [{"field": "colour", "tag_type": "COLOUR"}],
}
ENGLISH = [
    ("p1", "Red shirt", "Acme", "Shirts", "red"),
    ("p2", "Blue shirt", "Acme", "Shirts", "blue"),
    ("p3", "Red hat", "Acme", "Hats", "red"),
    ("p4", "Blue hat", "Bolt & Co", "Hats", "blue"),
    ("p5", "Red shirt", "Bolt & Co", "Shirts", "red"),
]
WORDS = {"Shirts": "Hemden", "Hats": "Hüte", "red": "rot", "blue": "blau"}
SEARCHES = {
    "red shirt": 30,
    "Red  Shirts": 10,
    "shirt": 25,
    "acme shirt": 12,
    "blue hat": 8,
    "hats": 6,
    "bolt & co hat": 5,
    "something else": 4,
    "waterproof red shirt": 3,
    "???": 2,
    "": 2,
    "https://acme.example/": 1,
}
CONTRACT = Stage.beside(program.__file__)


def documents(rows):
    return [dict(zip(("id", "title", "brand", "category", "colour"), row, strict=True)) for row in rows]


def german():
    return [tuple(WORDS.get(cell, cell) for cell in row) for row in ENGLISH]


def write_ndjson(path, rows):
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return str(path)


@pytest.fixture
def shop(tmp_path):
    """Writes the files of the shop and gives the configuration of its English market."""
    rows = [{"user_query": text} for text, count in SEARCHES.items() for _ in range(count)]
    return {
        "source_language": "en",
        "target_language": "en",
        "log": {"uri": [write_ndjson(tmp_path / "log.ndjson", rows)]},
        "catalogue": {"uri": write_ndjson(tmp_path / "en.ndjson", documents(ENGLISH)), "fields": FIELDS},
        "segments": 4,
        "queries_per_segment": 2,
        "tail_segments": 1,
        "seed": 7,
        "known_matches": 1,
    }


@pytest.fixture
def german_shop(shop, tmp_path):
    glossary = tmp_path / "glossary.csv"
    with glossary.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("source", "target"), ("shirt", "hemd"), ("hat", "hüte"), ("red", "rotes")])
    return {
        **shop,
        "target_language": "de",
        "catalogue": {"uri": write_ndjson(tmp_path / "de.ndjson", documents(german())), "fields": FIELDS},
        "source_catalogue": shop["catalogue"],
        "translation": {"glossary": {"uri": str(glossary)}},
    }


def start(config, output, run_id="r"):
    flags = ["--run-id", run_id, "--market", "uk", "--config", json.dumps(config), "--output", str(output)]
    return run_stage(CONTRACT, run, flags)


def read(config, output):
    assert start(config, output) == 0
    found = list(ArtefactReader.open(str(output), QuerySetRecord))
    for record in found:
        check_record(record)
    return found


def queries(records):
    return [query for record in records for query in record.segment.queries]


def tags(found):
    return [(tag.type, tag.value) for tag in found]


def test_summary(shop, tmp_path):
    summary = read({**shop, "tail_segments": 0}, tmp_path / "out")[0].summary
    assert json_format.MessageToDict(summary, preserving_proto_field_name=True) == {
        "rows": "108",
        "searches": "103",
        "distinct_queries": "9",
        "junk": [
            {"reason": "EMPTY", "rows": "2"},
            {"reason": "NO_LETTERS_OR_DIGITS", "rows": "2", "examples": ["???"]},
            {"reason": "URL", "rows": "1", "examples": ["https://acme.example/"]},
        ],
        "junk_rows": "5",
        "segments_found": "7",
        "segments_taken": "4",
        "traffic_covered": 88 / 103,
        "bands": [
            {"band": "BAND_HEAD", "distinct_queries": "2", "searches": "55", "covered": 1.0},
            {"band": "BAND_TORSO", "distinct_queries": "2", "searches": "22", "covered": 1.0},
            {"band": "BAND_TAIL", "distinct_queries": "5", "searches": "26", "covered": 11 / 26},
        ],
        "queries": "5",
    }


def test_segments_by_traffic_with_their_most_frequent_queries(shop, tmp_path):
    segments = [record.segment for record in read(shop, tmp_path / "out") if record.HasField("segment")]
    taken = [(s.segment_id, s.searches, [q.source_text for q in s.queries]) for s in segments if not s.tail_sample]
    assert taken == [
        ("CATEGORY=shirt+COLOUR", 43, ["red shirt", "red shirts"]),
        ("CATEGORY=shirt", 25, ["shirt"]),
        ("BRAND=acme+CATEGORY=shirt", 12, ["acme shirt"]),
        ("CATEGORY=hat+COLOUR", 8, ["blue hat"]),
    ]
    (drawn,) = [segment for segment in segments if segment.tail_sample]
    assert drawn.segment_id in ("BRAND=bolt co+CATEGORY=hat", "CATEGORY=hat", "UNTAGGED")
    assert sum(segment.traffic_share for segment in segments) == pytest.approx((88 + drawn.searches) / 103)


def test_products_come_before_the_segment_that_names_them_and_once(shop, tmp_path):
    seen = []
    for record in read({**shop, "known_matches": 5}, tmp_path / "out"):
        if record.HasField("product"):
            seen.append((record.product.product_id, record.product.content_hash))
        for query in record.segment.queries:
            assert {(ref.product_id, ref.content_hash) for ref in query.known_matches} <= set(seen)
    assert len(seen) == len(set(seen)) > 0


def test_known_matches_hold_every_tag(shop, tmp_path):
    by_text = {query.text: query for query in queries(read({**shop, "segments": 99}, tmp_path / "out"))}
    assert {
        text: (q.known_match_count, [ref.product_id for ref in q.known_matches]) for text, q in by_text.items()
    } == {
        "red shirt": (2, ["p1"]),
        "red shirts": (2, ["p1"]),
        "shirt": (3, ["p1"]),
        "acme shirt": (2, ["p1"]),
        "blue hat": (1, ["p4"]),
        "hats": (2, ["p3"]),
        "bolt & co hat": (1, ["p4"]),
        "something else": (0, []),
    }


def test_a_market_in_another_language(german_shop, tmp_path):
    by_text = {query.source_text: query for query in queries(read(german_shop, tmp_path / "out"))}
    shirt = by_text["red shirt"]
    assert (shirt.text, shirt.language, shirt.translated) == ("rotes hemd", "de", True)
    assert tags(shirt.source_tags) == [("COLOUR", "red"), ("CATEGORY", "shirt")]
    assert tags(shirt.intended_tags) == [("COLOUR", "rot"), ("CATEGORY", "hemd")]
    assert tags(shirt.tags) == [("COLOUR", "rot"), ("CATEGORY", "hemd")]
    assert [(tag.surface, tag.start) for tag in shirt.intended_tags] == [("red", 0), ("shirt", 4)]
    assert (shirt.known_match_count, shirt.known_matches[0].product_id) == (2, "p1")
    # The glossary knows no blue: the tag is lost on the way, what was meant is not.
    hat = by_text["blue hat"]
    assert (hat.text, tags(hat.tags)) == ("blue hüte", [("CATEGORY", "hut")])
    assert tags(hat.intended_tags) == [("COLOUR", "blau"), ("CATEGORY", "hut")]


def test_brands_are_not_translated(german_shop, tmp_path):
    Path(german_shop["translation"]["glossary"]["uri"]).write_text("source,target\nacme,gipfel\nshirt,hemd\n")
    by_text = {query.source_text: query for query in queries(read(german_shop, tmp_path / "out"))}
    assert by_text["acme shirt"].text == "acme hemd"


def test_without_the_source_catalogue_the_glossary_tells_what_was_meant(german_shop, tmp_path):
    del german_shop["source_catalogue"]
    gazetteer = tmp_path / "gazetteer.csv"
    gazetteer.write_text("type,value,surface,language\nCATEGORY,shirt,shirt,en\nCATEGORY,sock,sock,en\n")
    config = {**german_shop, "gazetteer_uri": str(gazetteer)}
    by_text = {query.source_text: query for query in queries(read(config, tmp_path / "out"))}
    assert tags(by_text["shirt"].intended_tags) == [("CATEGORY", "hemd")]
    assert by_text["shirt"].known_match_count == 3


def test_a_fixed_list_is_taken_whole(shop, tmp_path):
    del shop["log"]
    texts = ["Red Shirt", "asdfg", "red  shirt", "hat", "???", ""]
    found = read({**shop, "fixed": {"text": texts}, "segments": 1, "queries_per_segment": 1}, tmp_path / "out")
    assert sorted((query.text, query.searches) for query in queries(found)) == [
        ("???", 1),
        ("asdfg", 1),
        ("hat", 1),
        ("red shirt", 2),
    ]
    assert (found[0].summary.traffic_covered, found[0].summary.junk_rows) == (1.0, 1)


@pytest.mark.parametrize(
    ("name", "content"), [("q.txt", "hat\n\nred shirt\n"), ("q.csv", 'query,n\nhat,1\n"red shirt",2\n')]
)
def test_a_fixed_list_in_a_file(shop, tmp_path, name, content):
    del shop["log"]
    (tmp_path / name).write_text(content)
    found = read({**shop, "fixed": {"uri": str(tmp_path / name)}}, tmp_path / "out")
    assert sorted(query.text for query in queries(found)) == ["hat", "red shirt"]


def test_the_same_log_in_any_order_gives_the_same_artefact(shop, german_shop, tmp_path):
    log = Path(shop["log"]["uri"][0])
    for name, config in (("en", shop), ("de", german_shop)):
        first = [record.SerializeToString(deterministic=True) for record in read(config, tmp_path / f"{name}1")]
        for number in range(2):
            lines = log.read_text().splitlines(keepends=True)
            random.Random(number).shuffle(lines)
            log.write_text("".join(lines))
            products = Path(config["catalogue"]["uri"])
            rows = products.read_text().splitlines(keepends=True)
            products.write_text("".join(reversed(rows)))
            again = read(config, tmp_path / f"{name}2{number}")
            assert [record.SerializeToString(deterministic=True) for record in again] == first


def test_failures_are_records_and_the_counts_add_up(german_shop, tmp_path, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "k")
    with LlmServer() as server:
        endpoint = {"model": "m", "base_url": server.url}
        openai = {"endpoint": endpoint, "batch_size": 2, "budget": {"max_calls": "2"}}
        german_shop["translation"] = {"openai": openai}
        found = read(german_shop, tmp_path / "out")
        failures = [record.failure for record in found if record.HasField("failure")]
        assert (found[0].summary.queries, found[0].summary.failures) == (len(queries(found)), len(failures))
        assert (len(queries(found)), len(server.calls)) == (4, 2)
        assert failures
        assert (tmp_path / "out" / "scratch" / "answers").is_dir()


def test_broken_lines_are_counted_and_do_no_harm(shop, tmp_path):
    with Path(shop["log"]["uri"][0]).open("a") as log:
        log.write('{"user_query": "shirt"\n')
    summary = read(shop, tmp_path / "out")[0].summary
    assert (summary.rows, summary.broken_rows) == (108, 1)
    assert summary.broken_examples[0].startswith("log.ndjson:109: is not valid JSON")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"log": {"uri": ["/no/such.csv"]}}, "log.uri[0]: there is no file /no/such.csv"),
        ({"log": {"uri": ["EMPTY"]}}, "empty.ndjson holds no queries"),
        (
            {"log": {"uri": ["LOG"], "columns": {"query": "typed"}}},
            "log.columns.query: there is no column typed; there are user_query",
        ),
        ({"log": {"uri": ["LOG"], "start": "2024-01-01T00:00:00Z"}}, "could not be read, as log.ndjson:1: has no time"),
        ({"log": {"uri": ["JUNK"]}}, "log: all 2 rows are junk: NO_LETTERS_OR_DIGITS 2"),
        ({"target_language": "de"}, "translation is needed where target_language differs"),
        ({"engine": "ENGINE_SPARK"}, "engine: Spark is not part of this program"),
        ({"spark": {"master": "local[2]"}}, "spark needs engine: ENGINE_SPARK"),
        ({"ner_options": {"engine": "own"}}, "ner_options needs ner_address"),
        ({"ner_address": "localhost:1", "ner_options": {"tls": {"ca_file": "EMPTY"}}}, "ner_options.tls.ca_file: "),
        ({"colour": "red"}, 'no field named "colour"'),
        ({"catalogue": {"uri": "EMPTY"}}, "catalogue.uri: "),
    ],
)
def test_bad_input_ends_with_2_and_writes_nothing(shop, tmp_path, capfd, change, message):
    files = {
        "LOG": shop["log"]["uri"][0],
        "EMPTY": write_ndjson(tmp_path / "empty.ndjson", []),
        "JUNK": write_ndjson(tmp_path / "junk.ndjson", [{"user_query": "?"}] * 2),
    }
    text = json.dumps({**shop, **change})
    for name, path in files.items():
        text = text.replace(f'"{name}"', json.dumps(path))
    assert start(json.loads(text), tmp_path / "out") == 2
    assert message in json.loads(capfd.readouterr().err.splitlines()[-1])["message"]
    assert not (tmp_path / "out" / "manifest.json").exists()


def test_sigterm_stops_with_75(shop, tmp_path):
    rows = "".join(f'{{"user_query": "shirt {number}"}}\n' for number in range(150_000))
    Path(shop["log"]["uri"][0]).write_text(rows)
    command = [sys.executable, "-m", "sq_generate", "--run-id", "r", "--config", json.dumps(shop)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    child = subprocess.Popen([*command, "--output", str(tmp_path / "out")], env=environment, stderr=subprocess.PIPE)
    # The first line on stderr comes once the log has been read; tagging it takes longer.
    child.stderr.readline()
    child.terminate()
    child.stderr.read()
    assert child.wait(60) == 75
    assert not (tmp_path / "out" / "manifest.json").exists()


def test_the_log_that_opensearch_publishes(tmp_path):
    data = Path(
        os.environ.get("SQ_SHARED_DATA") or Path(os.environ.get("BUILD_WORKSPACE_DIRECTORY", ".")) / "../shared/data"
    )
    log, catalogue = data / "ubi/ubi_queries_events.ndjson.gz", data / "chorus/products.ndjson.gz"
    if not log.exists() or not catalogue.exists():
        pytest.skip(f"the UBI log is not on this machine: no {log}; SQ_SHARED_DATA names its folder")
    config = {
        "source_language": "en",
        "target_language": "en",
        "log": {"uri": [str(log)], "start": "2024-12-01T00:00:00Z", "end": "2025-12-01T00:00:00Z"},
        "catalogue": {"uri": str(catalogue)},
    }
    found = read(config, tmp_path / "out")
    assert (found[0].summary.rows, found[0].summary.broken_rows) == (473, 0)
    assert found[0].summary.searches == 467
    assert ("BRAND", "samsung") in [tag for query in queries(found) for tag in tags(query.tags)]
