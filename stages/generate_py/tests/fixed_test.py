"""Lists of queries that a person makes."""

import pytest
from google.protobuf import json_format

from sq.v1.generate_config_pb2 import FixedQueries
from sq_generate.fixed_queries import read_fixed
from sq_stagekit import InputError


def read(path, content, **fixed):
    path.write_bytes(content)
    return list(read_fixed(json_format.ParseDict({"uri": str(path), **fixed}, FixedQueries())))


@pytest.mark.parametrize(
    ("name", "content", "fixed", "rows"),
    [
        ("q.txt", b"hat\n\n red shoe\nhat\n", {}, [("hat", 1), ("red shoe", 1), ("hat", 1)]),
        ("q.txt", "b\u00fcro\n".encode("latin-1"), {}, [("b\u00fcro", 1)]),
        ("q.csv", b"query\nhat\n", {}, [("hat", 1)]),
        ("q.csv", b"query,count\nhat,10\nshoe,0\n", {}, [("hat", 10)]),
        ("q.csv", b"Count;Query\n10;hat, red\n2;shoe\n", {}, [("hat, red", 10), ("shoe", 2)]),
        ("q.tsv", b"n\tterm\n3\that\n", {"columns": {"query": "term", "count": "n"}}, [("hat", 3)]),
        (
            "q.json",
            b'[{"q": {"text": "hat"}, "count": 4}, {"q": {"text": "red"}, "count": 1}]',
            {"columns": {"query": "q.text", "count": "count"}},
            [("hat", 4), ("red", 1)],
        ),
        ("q.csv", "query|count\ncaf\u00e9|2\n".encode("cp850"), {"csv": {"encoding": "cp850"}}, [("caf\u00e9", 2)]),
    ],
)
def test_queries_and_their_searches(tmp_path, name, content, fixed, rows):
    assert read(tmp_path / name, content, **fixed) == rows


@pytest.mark.parametrize(
    ("content", "fixed", "message"),
    [
        (b"q,count\nhat,1\n", {}, r"fixed\.uri: .*has no column query; there are count, q"),
        (b"query,count\nhat,many\n", {}, r"q\.csv:2: 'many' is not a number of searches"),
        (b"query\nhat\n", {"columns": {"query": "query", "count": "n"}}, r"fixed\.columns\.count: .*no column n"),
    ],
)
def test_a_table_that_does_not_fit_is_refused(tmp_path, content, fixed, message):
    with pytest.raises(InputError, match=message):
        read(tmp_path / "q.csv", content, **fixed)
