"""The query set of a market, by the whole stage."""

import os
import random
from pathlib import Path

import pytest
from generate_shop import queries, read, tags
from google.protobuf import json_format


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


def test_known_matches_state_every_tag(shop, tmp_path):
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


def test_the_log_that_opensearch_publishes(tmp_path):
    data = Path(
        os.environ.get("SQ_SHARED_DATA") or Path(os.environ.get("BUILD_WORKSPACE_DIRECTORY", ".")) / "../shared/data"
    )
    log, catalogue = data / "ubi/ubi_queries_events.ndjson.gz", data / "chorus/products.ndjson.gz"
    if not log.exists() or not catalogue.exists():
        pytest.skip(f"the UBI log is not on this machine: {log} does not exist; set SQ_SHARED_DATA to its folder")
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
