"""The pairs of `sq judge`."""

import json

import pytest

from sq.v1.source_pb2 import CsvDialect
from sq_cli.pairs_file import JudgedRow, PairRow, check_writable, read_pairs, write_judged
from sq_stagekit.errors import InputError

PAIRS = [PairRow("hiking boot", "101"), PairRow("größe 5", "103")]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("p.csv", "query,docid\nhiking boot,101\ngröße 5,103\n".encode()),
        ("p.csv", "Query;DOCID;note\nhiking boot;101;\ngröße 5;103;x\n".encode("windows-1252")),
        ("p.tsv", "product_id\tquery\n101\thiking boot\n\n103\tgröße 5\n".encode("utf-8-sig")),
        ("p", "query\tdocid\nhiking boot\t101\ngröße 5\t103\n".encode("utf-16")),
        ("p.json", json.dumps([{"query": pair.query, "docid": int(pair.docid)} for pair in PAIRS]).encode()),
    ],
)
def test_pairs_in_every_form(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    assert read_pairs(tmp_path / name) == PAIRS


def test_a_long_cell_and_a_set_dialect(tmp_path):
    (tmp_path / "p.csv").write_bytes(b"query;docid;text,more\nh\x94t;1;" + b"x" * 200_000 + b"\n")
    dialect = CsvDialect(separator=";", encoding="cp850")
    assert read_pairs(tmp_path / "p.csv", dialect) == [PairRow("höt", "1")]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("a,docid\nx,1\n", "has no column query, only a, docid"),
        ("query,b\nx,1\n", "has no column docid"),
        ("query,docid\n", "has no rows"),
        ("query,docid\nx,\n", "p.csv:2 has no docid"),
        ("query,docid\nx\n", "1 fields, but the header has 2"),
    ],
)
def test_broken_pairs_are_refused(tmp_path, content, message):
    (tmp_path / "p.csv").write_text(content)
    with pytest.raises(InputError, match=message):
        read_pairs(tmp_path / "p.csv")


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(InputError, match="--pairs: there is no file"):
        read_pairs(tmp_path / "none.csv")


def test_judgments_are_written_whole(tmp_path):
    write_judged(tmp_path / "o.csv", [JudgedRow(PAIRS[0], "3", "TAG_MISSING:COLOUR=red")])
    assert (tmp_path / "o.csv").read_text() == (
        "query,docid,judgment,reasons\nhiking boot,101,3,TAG_MISSING:COLOUR=red\n"
    )


def test_no_file_that_is_read_is_replaced(tmp_path):
    pairs = tmp_path / "pairs.csv"
    pairs.write_text("query,docid\nhat,p1\n", encoding="utf-8")
    (tmp_path / "link.csv").symlink_to(pairs)
    for out in (pairs, tmp_path / "link.csv"):
        with pytest.raises(InputError, match="--out: .* is a file that is read, and would be lost"):
            check_writable(out, [pairs])
    check_writable(tmp_path / "new.csv", [pairs])
