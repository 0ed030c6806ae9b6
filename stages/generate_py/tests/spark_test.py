"""The parts of the Spark engine that run without Spark. //e2e/spark runs all of it."""

import stat
from collections import Counter

import pyarrow
import pyarrow.parquet
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sq.v1.source_pb2 import FILE_FORMAT_UNSPECIFIED
from sq_generate.engine import Place
from sq_generate.query_log import LogCounts, LogPart
from sq_generate.spark import parts
from sq_generate.spark.buckets import in_buckets
from sq_generate.spark.counts import add_up
from sq_generate.spark.java import find_java
from sq_generate.spark.levels import Level, find_level
from sq_stagekit import InputError


@given(st.lists(st.integers(1, 12), min_size=1, max_size=60), st.sampled_from([1, 2]))
def test_the_level_in_which_a_third_ends(searches, thirds):
    searches.sort(reverse=True)
    before, inside = 0, 0
    for count in searches:
        inside += before * 3 < thirds * sum(searches)
        before += count
    levels = [Level(*item) for item in sorted(Counter(searches).items(), reverse=True)]
    level, rank = find_level(levels, thirds)
    assert sum(count > level for count in searches) + rank == inside
    assert rank < searches.count(level) or level == 0


@given(st.lists(st.integers(1, 5), min_size=1, max_size=16), st.randoms(use_true_random=False))
def test_places_of_a_level_are_counted_over_its_buckets(sizes, random):
    buckets = [(0, 3, f"{number:x}", size) for number, size in enumerate(sizes)]
    order = [(bucket, place) for _, _, bucket, size in buckets for place in range(size)]
    places = [Place(0, 3, number) for number in range(len(order))]
    random.shuffle(places)
    random.shuffle(buckets)
    assert in_buckets(places, [*buckets, (0, 2, "a", 7), (1, 3, "0", 7)]) == [
        (number, 0, 3, *order[place.number]) for number, place in enumerate(places)
    ]


def test_no_queries_have_no_level():
    assert find_level([], 1) == (0, 0)


def test_counts_of_parts_are_those_of_one_reader():
    parts_counts = [
        LogCounts(broken=4, examples=["a:1", "a:2", "a:3", "a:4"], seen=2, names={"x"}),
        LogCounts(broken=7, examples=["b:1", "b:2", "b:3", "b:4", "b:5"], events=1, outside=2, missing=3, names={"y"}),
    ]
    expected = LogCounts(11, ["a:1", "a:2", "a:3", "a:4", "b:1"], 1, 2, 3, 2, {"x", "y"})
    assert add_up(parts_counts) == expected


def cut(files):
    return parts.cut(files, FILE_FORMAT_UNSPECIFIED, lambda: None)


def test_a_large_parquet_file_is_cut_between_row_groups(tmp_path, monkeypatch):
    path = tmp_path / "a.parquet"
    table = pyarrow.table({"query": [f"query {number}" for number in range(1000)]})
    pyarrow.parquet.write_table(table, path, row_group_size=100)
    (tmp_path / "b.csv").write_text("query\nx\n")
    files = [path.as_uri(), (tmp_path / "b.csv").as_uri(), "s3://bucket/c.parquet"]
    assert cut(files) == [LogPart(uri) for uri in files]
    metadata = pyarrow.parquet.read_metadata(path)
    sizes = [metadata.row_group(group).column(0).total_compressed_size for group in range(10)]
    monkeypatch.setattr(parts, "_LARGE", sum(sizes[:2]) + 1)
    found = cut(files)
    assert found[-2:] == [LogPart(uri) for uri in files[1:]]
    cuts = [(part.first, part.end) for part in found[:-2]]
    assert cuts[0] == (0, 3)
    assert [first for first, _ in cuts[1:]] == [end for _, end in cuts[:-1]]
    assert cuts[-1][1] == 10


def test_a_damaged_file_is_one_part(tmp_path, monkeypatch):
    monkeypatch.setattr(parts, "_LARGE", 1)
    path = tmp_path / "a.parquet"
    path.write_bytes(b"PAR1 and nothing else")
    assert cut([path.as_uri()]) == [LogPart(path.as_uri())]


def java(folder, version):
    program = folder / "bin/java"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\necho 'openjdk version \"{version}\" 2020-01-01' >&2\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    return program


@pytest.mark.parametrize("version", ["17.0.15", "21", "25.0.1"])
def test_a_suitable_java(tmp_path, monkeypatch, version):
    program = java(tmp_path, version)
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    assert find_java() == str(program)


@pytest.mark.parametrize(
    ("version", "problem"), [("11.0.2", "is 11"), ("1.8.0_292", "is 1"), ("", "is none"), (None, "not below JAVA_HOME")]
)
def test_an_unsuitable_java(tmp_path, monkeypatch, version, problem):
    if version is not None:
        java(tmp_path, version)
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    with pytest.raises(InputError) as caught:
        find_java()
    assert problem in caught.value.problem
    assert "openjdk-17" in caught.value.fix


def test_no_java_at_all(tmp_path, monkeypatch):
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(InputError, match="not on PATH"):
        find_java()
