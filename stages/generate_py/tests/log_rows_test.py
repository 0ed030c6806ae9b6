"""Logs in every format: their rows, and how broken lines and missing columns are reported."""

import gzip
import io
import json

import pyarrow
import pyarrow.parquet
import pytest
import zstandard
from google.protobuf import json_format

from sq.v1.generate_config_pb2 import QueryLog
from sq_generate.query_log import LogReader
from sq_stagekit import InputError

UBI = [
    {"index": {"_index": "ubi_queries", "_id": "1"}},
    {"user_query": "red shoes", "query_id": "1", "query_attributes": {}, "timestamp": "2024-12-10T00:00:00Z"},
    {"action_name": "click", "user_query": "red shoes", "query_id": "1", "timestamp": "2024-12-10T00:00:01Z"},
    {"create": {}},
    {"user_query": "hat", "query_id": "2", "query": '{"size": 0}', "timestamp": 1733875200000},
    {"query": "{}", "query_id": "3", "query_attributes": {}, "timestamp": "2024-12-12T00:00:00Z"},
]
TABLE = [
    {"q": "red shoes", "when": "2024-12-10T00:00:00Z", "n": 2},
    {"q": "hat", "when": "2024-12-11T00:00:00Z", "n": 1},
    {"q": None, "when": "2024-12-12T00:00:00Z", "n": 3},
]
COLUMNS = {"query": "q", "timestamp": "when", "count": "n"}


def ndjson(rows):
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


def parquet(rows):
    buffer = io.BytesIO()
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(rows), buffer)
    return buffer.getvalue()


def csv(rows):
    lines = [",".join(rows[0])]
    lines += [",".join("" if value is None else f'"{value}"' for value in row.values()) for row in rows]
    return "\n".join(lines).encode()


def read(folder, files, **log):
    for name, content in files.items():
        (folder / name).write_bytes(content)
    log.setdefault("uri", [f"{folder}/"])
    reader = LogReader(json_format.ParseDict(log, QueryLog()))
    rows = [row for uri in reader.files() for row in reader.rows(uri)]
    return rows, reader.finish()


ROWS_OF_UBI = [("red shoes", 1), ("", 1), ("hat", 1), ("", 1)]
FORMATS = {
    "ubi.ndjson": (ndjson(UBI), None, [("red shoes", 1), ("hat", 1), ("", 1)]),
    "ubi.jsonl.gz": (gzip.compress(ndjson(UBI)), None, [("red shoes", 1), ("hat", 1), ("", 1)]),
    "t.ndjson.zst": (zstandard.compress(ndjson(TABLE)), COLUMNS, [("red shoes", 2), ("hat", 1), ("", 3)]),
    "t.csv": (csv(TABLE), COLUMNS, [("red shoes", 2), ("hat", 1), ("", 3)]),
    "t.csv.gz": (gzip.compress(csv(TABLE)), COLUMNS, [("red shoes", 2), ("hat", 1), ("", 3)]),
    "t.parquet": (parquet(TABLE), COLUMNS, [("red shoes", 2), ("hat", 1), ("", 3)]),
    "nested.parquet": (
        parquet([{"asked": {"text": "hat", "by": {"n": 3}}}, {"asked": {"text": None, "by": {"n": 2}}}]),
        {"query": "asked.text", "count": "asked.by.n"},
        [("hat", 3), ("", 2)],
    ),
    "dotted.parquet": (parquet([{"a.b": "hat", "a": {"b": "no"}}]), {"query": "a.b"}, [("hat", 1)]),
    "default.csv": (b"query,count\nhat,7\n", None, [("hat", 7)]),
    "default.ndjson": (b'{"query": "hat", "count": 7}\n{"query": 501}\n', None, [("hat", 7), ("501", 1)]),
    "renamed.csv": (b"term,count\nhat,7\n", {"query": "term"}, [("hat", 7)]),
    "renamed.ndjson": (b'{"term": "hat", "count": 7}\n', {"query": "term"}, [("hat", 7)]),
    "ubi.csv": (b"user_query,count\nhat,7\n", {"query": "user_query"}, [("hat", 1)]),
    "default.parquet": (parquet([{"user_query": "hat", "count": 7}]), None, [("hat", 1)]),
    "quoted.csv": (b'\xef\xbb\xbfquery\r\n"a ""b"",\nc"\r\n\r\nhat\r\n', None, [('a "b",\nc', 1), ("hat", 1)]),
    "none.csv": (b"", None, []),
    "tabs.csv": (
        b"AnonID\tQuery\tQueryTime\n7\toak, bed\t2006\n8\tgrey sofa\t2006\n",
        None,
        [("oak, bed", 1), ("grey sofa", 1)],
    ),
    "tabs.txt": (b"who\tq\tn\n7\toak bed\t2\n", {"query": "q", "count": "n"}, [("oak bed", 2)]),
    "excel.csv": ("query;count\nbüro;2\nhülle;3\n".encode("windows-1252"), None, [("büro", 2), ("hülle", 3)]),
    "array.json": (json.dumps(UBI[1:2] + UBI[4:5], indent=1).encode(), None, [("red shoes", 1), ("hat", 1)]),
    "dump.json": (ndjson({"_index": "ubi", "_id": "1", "_source": row} for row in UBI[1:]), None, ROWS_OF_UBI),
    "path.json": (
        ndjson({"_index": "ubi", "_id": "1", "_source": row} for row in UBI[1:]),
        {"query": "_source.user_query"},
        [("red shoes", 1), ("red shoes", 1), ("", 1), ("hat", 1), ("", 1)],
    ),
    "nested.ndjson": (
        b'{"search": {"text": "hat", "times": 7}}\n',
        {"query": "search.text", "count": "search.times"},
        [("hat", 7)],
    ),
}


@pytest.mark.parametrize("name", FORMATS)
def test_rows(tmp_path, name):
    content, columns, expected = FORMATS[name]
    rows, counts = read(tmp_path, {name: content}, **({"columns": columns} if columns else {}))
    assert rows == expected
    assert (counts.broken, counts.examples) == (0, [])


def test_events_are_counted_apart(tmp_path):
    assert read(tmp_path, {"ubi.ndjson": ndjson(UBI)})[1].events == 1


@pytest.mark.parametrize("name", ["ubi.ndjson", "t.ndjson", "t.csv", "t.parquet"])
@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ("2024-12-10T00:00:00Z", None, ["red shoes", "hat", ""]),
        ("2024-12-10T00:00:00.000001Z", None, ["hat", ""]),
        (None, "2024-12-11T00:00:00Z", ["red shoes"]),
        ("2024-12-11T00:00:00Z", "2024-12-12T00:00:00Z", ["hat"]),
        ("2025-01-01T00:00:00Z", None, []),
    ],
)
def test_the_window_holds_its_start_and_not_its_end(tmp_path, name, start, end, expected):
    content, columns = (ndjson(UBI), {}) if name == "ubi.ndjson" else (_table(name), {"columns": COLUMNS})
    window = {key: value for key, value in (("start", start), ("end", end)) if value}
    rows, counts = read(tmp_path, {name: content}, **columns, **window)
    assert [query for query, _ in rows] == expected
    assert counts.outside == 3 - len(expected)


def _table(name):
    return {"t.ndjson": ndjson, "t.csv": csv, "t.parquet": parquet}[name](TABLE)


@pytest.mark.parametrize(
    ("name", "content", "log", "rows", "broken"),
    [
        (
            "a.ndjson",
            b'{"query": "x"}\n{"query": \n{"query": "y"}\n',
            {},
            ["x", "y"],
            ["a.ndjson:2: is not valid JSON"],
        ),
        (
            "a.ndjson",
            b'{"query": "x"}\n[1]\n"s"\n',
            {},
            ["x"],
            ["a.ndjson:2: is not a JSON object", "a.ndjson:3: is not"],
        ),
        ("a.ndjson", b'{"query": "\xff\xfe"}\n{"query": "x"}\n', {}, ["x"], ["a.ndjson:1: is not UTF-8 text"]),
        ("a.ndjson", b'{"query": "\\ud83d"}\n{"query": "x"}\n', {}, ["x"], ["a.ndjson:1: the query is not valid Un"]),
        ("a.ndjson", b'{"query": ["x"]}\n', {}, [], ["a.ndjson:1: the query is a list, not text"]),
        ("a.ndjson", b"[" * 100000 + b"\n", {}, [], ["a.ndjson:1: is nested too deeply"]),
        (
            "a.csv",
            b"query,n\nx,1\ny\nz,1,2\n",
            {},
            ["x"],
            ["a.csv:3: has 1 fields, but the head", "a.csv:4: has 3"],
        ),
        ("a.csv", b'query\nx\n"y\nz\n', {}, ["x"], ["a.csv:3: is not valid CSV"]),
        (
            "a.csv",
            b"query\nx\n\xff\n",
            {"csv": {"encoding": "utf-8"}},
            ["x"],
            ["a.csv:3: the query is not valid Unicode text"],
        ),
        (
            "a.csv",
            b"query,count\nx,1\ny,many\nz,-1\nw,0\n",
            {},
            ["x"],
            ["a.csv:3: 'many' is not a number of searches", "a.csv:4: '-1'"],
        ),
        (
            "a.csv",
            b"query,timestamp\nx,2024-12-10\ny,soon\nz,\n",
            {"start": "2024-01-01T00:00:00Z"},
            ["x"],
            ["a.csv:3: 'soon' is not a time", "a.csv:4: has no time"],
        ),
    ],
)
def test_broken_lines_are_counted_and_named(tmp_path, name, content, log, rows, broken):
    found, counts = read(tmp_path, {name: content}, **log)
    assert [query for query, _ in found] == rows
    assert len(counts.examples) == len(broken)
    for example, begin in zip(counts.examples, broken, strict=True):
        assert example.startswith(begin)


def test_every_broken_line_counts_and_five_are_shown(tmp_path):
    _, counts = read(tmp_path, {"a.ndjson": b'{"query": "x"}\n' + b"x\n" * 8})
    assert (counts.broken, len(counts.examples)) == (8, 5)


def test_the_lines_a_lost_quote_swallows_are_counted(tmp_path):
    rows, counts = read(tmp_path, {"a.csv": b'query\nx\n"y\nz\nw\n'})
    assert len(rows) + counts.broken == 4


def test_files_are_read_in_the_order_of_names_and_hidden_ones_left_out(tmp_path):
    files = {"b.csv": b"query\nb\n", "a.ndjson": b'{"query": "a"}\n', "_SUCCESS": b"", ".a.crc": b"x"}
    assert read(tmp_path, files)[0] == [("a", 1), ("b", 1)]


@pytest.mark.parametrize(
    ("files", "log", "field", "problem"),
    [
        ({"a.csv": b"q,n\nx,1\n"}, {}, "log.columns.query", "there is no column query in"),
        ({"a.csv": b"q,n\nx,1\n"}, {}, "log.columns.query", "there are q, n"),
        ({"a.csv": b"q,n\n"}, {"columns": {"query": "q", "count": "c"}}, "log.columns.count", "no column c"),
        ({"a.csv": b"query\n"}, {"start": "2024-01-01T00:00:00Z"}, "log.columns.timestamp", "no column timestamp"),
        (
            {"a.parquet": parquet([{"a": {"b": "hat"}}])},
            {"columns": {"query": "a.c"}},
            "log.columns.query",
            "there are a, a.b",
        ),
        ({"a.parquet": parquet(TABLE)}, {}, "log.columns.query", "there are q, when, n"),
        ({"a.ndjson": b'{"a": "x"}\n{"b": 1}\n'}, {}, "log.columns.query", "there are a, b"),
        ({"a.ndjson": ndjson(UBI)}, {"columns": {"query": "typed"}}, "log.columns.query", "user_query"),
        ({"a.csv": b""}, {"uri": ["/no/such/file.csv"]}, "log.uri[0]", "there is no file"),
        ({}, {}, "log.uri[0]", "there are no files"),
        ({"a.log": b"x"}, {}, "log.format", "a.log from its extension"),
        ({"a.parquet": b"PAR1"}, {}, "log", "not a complete Parquet file"),
        ({"a.ndjson.gz": gzip.compress(ndjson(UBI))[:-9]}, {}, "log", "damaged"),
        ({"a.ndjson.zst": zstandard.compress(ndjson(UBI))[:-5]}, {}, "log", "damaged"),
        ({}, {"uri": ["ftp://x/y"]}, "log.uri[0]", "scheme"),
    ],
)
def test_an_unreadable_log_is_refused_with_field_and_problem(tmp_path, files, log, field, problem):
    with pytest.raises(InputError) as caught:
        read(tmp_path, files, **log)
    assert caught.value.field == field
    assert problem in caught.value.problem
