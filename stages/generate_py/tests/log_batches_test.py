"""Reading a Parquet log by columns counts the same as reading it by rows, whatever the values."""

from collections import Counter
from dataclasses import asdict
from datetime import UTC, datetime, timedelta

import pyarrow
import pyarrow.parquet
import pytest
from google.protobuf import json_format
from hypothesis import given, settings
from hypothesis import strategies as st

from sq.v1.generate_config_pb2 import QueryLog
from sq_generate.query_log import LogPart, LogReader, batches, parquet
from sq_generate.query_log.batches import SCHEMA, packed
from sq_generate.query_log.rows import RowReader
from sq_stagekit import InputError

DAY = datetime(2024, 12, 10, tzinfo=UTC)
WINDOW = {"start": "2024-12-10T00:00:00Z", "end": "2024-12-11T00:00:00.000001Z"}
COLUMNS = {"query": "q", "timestamp": "when", "count": "n"}

texts = st.one_of(st.none(), st.text(alphabet="aB é👟\0", max_size=3))
moments = st.one_of(st.none(), st.builds(lambda us: DAY + timedelta(microseconds=us), st.integers(-3, 86_400_000_003)))
counts = st.one_of(st.none(), st.integers(-2, 3), st.just(1 << 53), st.just((1 << 53) - 1))
TEXT_TYPES = [pyarrow.string(), pyarrow.large_string(), pyarrow.dictionary(pyarrow.int32(), pyarrow.string())]
TIME_TYPES = [pyarrow.timestamp(unit, zone) for unit in ("s", "ms", "us", "ns") for zone in (None, "UTC")]
COUNT_TYPES = [pyarrow.int64(), pyarrow.uint64(), pyarrow.float64()]


def write(path, columns, **options):
    pyarrow.parquet.write_table(pyarrow.table(columns), path, **options)
    return path.as_uri()


def by_rows(uri, log):
    reader = LogReader(log)
    found = Counter()
    for spelling, searches in reader.rows(uri):
        found[spelling] += searches
    return found, asdict(reader.counts)


def by_columns(uri, log, parts=None):
    reader = LogReader(log)
    found = Counter()
    for part in parts or [LogPart(uri)]:
        for batch in reader.batches(part):
            assert batch.schema == SCHEMA
            for spelling, searches in zip(*(column.to_pylist() for column in batch.columns), strict=True):
                found[spelling] += searches
    return found, asdict(reader.counts)


def config(**log):
    return json_format.ParseDict({"uri": ["/unused"], "columns": COLUMNS, **log}, QueryLog())


@settings(max_examples=60)
@given(
    st.lists(st.tuples(texts, moments, counts), min_size=1, max_size=30),
    st.sampled_from(TEXT_TYPES),
    st.sampled_from(TIME_TYPES),
    st.sampled_from(COUNT_TYPES),
    st.sampled_from([{}, WINDOW, {"start": WINDOW["start"]}, {"end": WINDOW["end"]}]),
)
def test_both_ways_agree(tmp_path_factory, rows, text_type, time_type, count_type, window):
    queries, times, numbers = zip(*rows, strict=True)
    times = [None if time is None else time if time_type.tz else time.replace(tzinfo=None) for time in times]
    columns = {
        "q": pyarrow.array(queries, pyarrow.string()).cast(text_type),
        "when": pyarrow.array(times, pyarrow.timestamp("us", time_type.tz)).cast(time_type, safe=False),
        "n": pyarrow.array(
            [abs(n) if n is not None and count_type == pyarrow.uint64() else n for n in numbers], count_type
        ),
    }
    uri = write(tmp_path_factory.mktemp("log") / "a.parquet", columns)
    log = config(**window)
    assert by_columns(uri, log) == by_rows(uri, log)


@pytest.mark.parametrize("broken", [False, True])
def test_parts_and_batches_number_rows_as_the_file_does(tmp_path, monkeypatch, broken):
    monkeypatch.setattr(parquet, "_BATCH", 7)
    columns = {
        "q": [f"q{number % 10}" for number in range(100)],
        "n": pyarrow.array([-1 if broken and number % 30 == 29 else 2 for number in range(100)], pyarrow.int64()),
    }
    uri = write(tmp_path / "a.parquet", columns, row_group_size=20)
    log = json_format.ParseDict({"uri": [uri], "columns": {"query": "q", "count": "n"}}, QueryLog())
    whole = by_rows(uri, log)
    parts = [LogPart(uri, 0, 2), LogPart(uri, 2, 3), LogPart(uri, 3, 5)]
    assert by_columns(uri, log) == by_columns(uri, log, parts) == whole
    expected = [f"a.parquet:{row}: -1 is not a number of searches" for row in (30, 60, 90)] if broken else []
    assert whole[1]["examples"] == expected


def test_plain_columns_are_not_taken_row_by_row(tmp_path, monkeypatch):
    monkeypatch.setattr(RowReader, "read", None)
    times = pyarrow.array([DAY, DAY + timedelta(days=2)], pyarrow.timestamp("ms", "UTC"))
    uri = write(tmp_path / "a.parquet", {"q": ["a", None], "when": times, "n": [1, 2]})
    assert by_columns(uri, config())[0] == {"a": 1, "": 2}
    found, counted = by_columns(uri, config(**WINDOW))
    assert (found, counted["outside"], counted["seen"]) == ({"a": 1}, 1, 2)


def test_nanoseconds_are_cut_off_before_the_end_of_the_window(tmp_path):
    times = pyarrow.array([1733788800_000_000_000 + ns for ns in (-1, 0, 999)], pyarrow.timestamp("ns"))
    uri = write(tmp_path / "a.parquet", {"q": ["a", "b", "c"], "when": times, "n": [1, 1, 1]})
    log = config(start="2024-12-10T00:00:00Z", end="2024-12-10T00:00:00.000001Z")
    assert by_columns(uri, log) == by_rows(uri, log)
    assert by_rows(uri, log)[0] == {"b": 1, "c": 1}


@pytest.mark.parametrize(
    "columns",
    [
        {"q": pyarrow.array([b"ok", b"\xff"]).view(pyarrow.string())},
        {"q": ["a"], "when": pyarrow.array([1 << 62], pyarrow.timestamp("us")), "n": [1]},
    ],
)
def test_a_value_that_python_cannot_hold_is_an_input_error(tmp_path, columns):
    uri = write(tmp_path / "a.parquet", columns)
    log = config(**WINDOW) if "when" in columns else config()
    log.columns.count = ""
    for read in (by_rows, by_columns):
        with pytest.raises(InputError, match="contains a value that cannot be read"):
            read(uri, log)


def test_rows_are_added_up_in_batches(monkeypatch):
    monkeypatch.setattr(batches, "_ROWS", 3)
    most = (1 << 53) - 1
    rows = [("a", 1), ("b", 2), ("a", 3), ("c", most), ("c", most), ("", 1)]
    found = [list(zip(*(column.to_pylist() for column in batch.columns), strict=True)) for batch in packed(rows)]
    assert found[0] == [("a", 4), ("b", 2)]
    total = Counter()
    for spelling, searches in (row for batch in found for row in batch):
        total[spelling] += searches
    assert total == {"a": 4, "b": 2, "c": 2 * most, "": 1}
    assert list(packed([])) == []


def test_other_formats_come_as_batches_too(tmp_path):
    (tmp_path / "a.csv").write_bytes(b"query\nx\nx\n")
    log = json_format.ParseDict({"uri": [f"{tmp_path}/"]}, QueryLog())
    assert by_columns((tmp_path / "a.csv").as_uri(), log)[0] == {"x": 2}
