"""The query set of a market, by the whole stage."""

import json
import os
import random
from pathlib import Path

import pytest
from generate_shop import queries, read, start, tags
from google.protobuf import json_format


def test_summary(shop, tmp_path):
    summary = read({**shop, "query_budget": 8}, tmp_path / "out")[0].summary
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
        "segments_taken": "7",
        "traffic_covered": 1.0,
        "bands": [
            {"band": "BAND_HEAD", "distinct_queries": "2", "searches": "55", "covered": 1.0},
            {"band": "BAND_TORSO", "distinct_queries": "2", "searches": "22", "covered": 1.0},
            {"band": "BAND_TAIL", "distinct_queries": "5", "searches": "26", "covered": 23 / 26},
        ],
        "queries": "8",
    }


def segments(records):
    return [record.segment for record in records if record.HasField("segment")]


def test_segments_by_traffic_with_their_queries(shop, tmp_path):
    taken = segments(read(shop, tmp_path / "out"))
    assert [(item.segment_id, item.searches, [query.source_text for query in item.queries]) for item in taken] == [
        ("CATEGORY=shirt+COLOUR", 43, ["red shirt", "red shirts", "waterproof red shirt"]),
        ("CATEGORY=shirt", 25, ["shirt"]),
        ("BRAND=acme+CATEGORY=shirt", 12, ["acme shirt"]),
        ("CATEGORY=hat+COLOUR", 8, ["blue hat"]),
        ("CATEGORY=hat", 6, ["hats"]),
        ("BRAND=bolt co+CATEGORY=hat", 5, ["bolt & co hat"]),
        ("UNTAGGED", 4, ["something else"]),
    ]
    assert sum(item.traffic_share for item in taken) == pytest.approx(1)


def test_a_budget_for_the_whole_log_takes_every_query_for_itself(shop, tmp_path):
    for query in queries(read(shop, tmp_path / "out")):
        assert (query.represents, query.certain, query.draws) == (query.traffic_share, True, 0)
        assert not query.shared_stratum


def test_a_smaller_budget_is_a_sample_of_the_whole_log(shop, tmp_path):
    taken = segments(read({**shop, "query_budget": 8}, tmp_path / "out"))
    drawn = [query for item in taken for query in item.queries]
    assert sum(query.represents for query in drawn) == pytest.approx(1)
    assert sum(query.draws or 1 for query in drawn) == 8
    # Two queries of the first segment: the most frequent, and one that stands for the other 13 searches.
    first, second = taken[0].queries
    assert (first.text, first.certain, first.represents) == ("red shirt", True, 30 / 103)
    assert (second.certain, second.draws, second.represents) == (False, 1, 13 / 103)
    assert second.text in ("red shirts", "waterproof red shirt")
    # The budget leaves nothing for the segment with least traffic, so it is in the stratum of small segments.
    assert [item.segment_id for item in taken if item.tail_sample] == ["UNTAGGED"]
    assert [query.text for query in drawn if query.shared_stratum] == ["something else"]


@pytest.mark.parametrize("name", ["segments", "queries_per_segment", "tail_segments"])
def test_the_fields_of_the_choice_by_segments_are_refused(shop, tmp_path, capfd, name):
    assert start({**shop, name: 10}, tmp_path / "out") == 2
    message = json.loads(capfd.readouterr().err.splitlines()[-1])["message"]
    assert f"{name}: is no longer read: remove it, and give query_budget" in message


def test_products_come_before_the_segment_that_names_them_and_once(shop, tmp_path):
    seen = []
    for record in read({**shop, "known_matches": 5}, tmp_path / "out"):
        if record.HasField("product"):
            seen.append((record.product.product_id, record.product.content_hash))
        for query in record.segment.queries:
            assert {(ref.product_id, ref.content_hash) for ref in query.known_matches} <= set(seen)
    assert len(seen) == len(set(seen)) > 0


def test_known_matches_state_every_tag(shop, tmp_path):
    by_text = {query.text: query for query in queries(read(shop, tmp_path / "out"))}
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
        "waterproof red shirt": (2, ["p1"]),
    }


def test_a_fixed_list_is_taken_whole(shop, tmp_path):
    del shop["log"]
    texts = ["Red Shirt", "asdfg", "red  shirt", "hat", "???", ""]
    found = read({**shop, "fixed": {"text": texts}, "query_budget": 1}, tmp_path / "out")
    assert sorted((query.text, query.searches) for query in queries(found)) == [
        ("???", 1),
        ("asdfg", 1),
        ("hat", 1),
        ("red shirt", 2),
    ]
    assert (found[0].summary.traffic_covered, found[0].summary.junk_rows) == (1.0, 1)
    # A list that a person made is no sample, so no query stands for another.
    assert not any(query.represents or query.certain or query.draws for query in queries(found))


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
    for name, config in (("en", shop), ("de", german_shop), ("few", {**shop, "query_budget": 3})):
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
