"""Tables as programs of all kinds write them: the separator and the encoding are found, or set."""

import csv
import gzip
import io
import logging

import pytest

from sq.v1.source_pb2 import FILE_FORMAT_UNSPECIFIED, CsvDialect
from sq_source import read_documents, read_lines
from sq_source.columns import PRODUCT, usual_column
from sq_source.dialect import find_separator
from sq_stagekit import InputError

ROWS = [
    {"id": "1", "title": "Käse, 5 €", "text": 'a "soft" one; of oak | grey'},
    {"id": "2", "title": "hammer", "text": ""},
]


def table(separator=",", encoding="utf-8", rows=ROWS) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, rows[0], delimiter=separator)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode(encoding)


def read(path, content, **dialect):
    path.write_bytes(content)
    given = CsvDialect(**dialect)
    return [document for _, document in read_documents(path.as_uri(), FILE_FORMAT_UNSPECIFIED, "catalogue", given)]


@pytest.mark.parametrize("name", ["a.csv", "a.tsv", "a.txt", "a.csv.gz"])
@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "windows-1252", "utf-16"])
def test_separator_and_encoding_are_found_under_any_extension(tmp_path, name, separator, encoding):
    content = table(separator, encoding)
    assert read(tmp_path / name, gzip.compress(content) if name.endswith("gz") else content) == ROWS


def test_latin_1_is_read(tmp_path):
    rows = [{"id": "1", "title": "señal de tráfico ½"}]
    assert read(tmp_path / "a.csv", table(encoding="latin-1", rows=rows)) == rows


def test_a_dialect_that_is_set_counts(tmp_path):
    content = "id;title,x\n1;caf\xe9,y\n".encode("cp850")
    assert read(tmp_path / "a.csv", content, separator=";", encoding="cp850") == [{"id": "1", "title,x": "café,y"}]


def test_a_set_encoding_refuses_other_bytes(tmp_path):
    with pytest.raises(InputError, match=r"is not text in utf-8.*catalogue\.csv\.encoding"):
        read(tmp_path / "a.csv", b"id,title\n1,caf\xe9\n", encoding="utf-8")


def test_one_broken_character_makes_no_other_encoding(tmp_path):
    content = "id,title\n1,Käse\n2,Öl\n".encode()
    with pytest.raises(InputError, match="is not text in UTF-8"):
        read(tmp_path / "a.csv", content + b"3,\xff\n")


def test_what_was_found_is_in_the_log(tmp_path, caplog):
    caplog.set_level(logging.INFO, "sq")
    read(tmp_path / "a.csv", table("\t", "windows-1252"))
    found = {record.getMessage(): vars(record) for record in caplog.records}
    assert found["the table's cells are separated"]["separator"] == "tab"
    assert found["the text is not UTF-8"]["encoding"] == "windows-1252"
    assert found["the text is not UTF-8"]["setting"] == "catalogue.csv.encoding"


def test_a_cell_may_be_long_and_the_limit_can_be_set(tmp_path):
    rows = [{"id": "1", "title": "x" * 300_000}]
    assert read(tmp_path / "a.csv", table(rows=rows)) == rows
    longer = [{"id": "1", "title": "x" * 1_100_000}]
    with pytest.raises(InputError, match=r"a\.csv:2: has a cell of more than 1048576 char.*catalogue\.csv\.cell_limit"):
        read(tmp_path / "a.csv", table(rows=longer))
    assert read(tmp_path / "a.csv", table(rows=longer), cell_limit=2_000_000) == longer


@pytest.mark.parametrize(
    ("dialect", "message"),
    [
        ({"encoding": "klingon"}, r"catalogue\.csv\.encoding: there is no encoding 'klingon'"),
        ({"separator": '"'}, r"catalogue\.csv\.separator"),
    ],
)
def test_a_dialect_that_cannot_be_is_refused(tmp_path, dialect, message):
    with pytest.raises(InputError, match=message):
        read(tmp_path / "a.csv", table(), **dialect)


@pytest.mark.parametrize(
    ("sample", "separator"),
    [
        ("query\nhat, red\n", ","),
        ("", ","),
        ("id,title;x\n1,a;b\n", ","),
        ("id\ttext\n1\ta, b, c\n2\td\n", "\t"),
        ("id;price\n1;2,50\n2;3,99\n", ";"),
        ("name, first;age\na;1\nb;2\n", ";"),
        ('id;text\n1;"a;b\nc"\n', ";"),
    ],
)
def test_the_separator_fits_the_rows(sample, separator):
    assert find_separator(sample) == separator


def test_lines_of_text_have_the_same_encodings(tmp_path):
    (tmp_path / "a.txt").write_bytes("café\nŒuvre\n".encode("windows-1252"))
    assert [text for _, text in read_lines((tmp_path / "a.txt").as_uri(), "fixed.uri")] == ["café", "Œuvre"]


@pytest.mark.parametrize(
    ("names", "found"),
    [(["a", "DocID"], "DocID"), (["product_id", "docid"], "docid"), ([" docid "], " docid "), (["a"], "")],
)
def test_columns_are_found_by_their_usual_names(names, found):
    assert usual_column(names, PRODUCT) == found
