"""Every format of the contract has a reader, which reads documents and reports broken lines."""

import gzip
import io

import pyarrow
import pyarrow.parquet
import pytest

from sq.v1.source_pb2 import FILE_FORMAT_UBI, FILE_FORMAT_UNSPECIFIED, FileFormat
from sq_source import read_documents, read_lines
from sq_source.formats import FORMATS, Reading, format_of, reader_of
from sq_stagekit import InputError

NAMES = [name for name, number in FileFormat.items() if number != FILE_FORMAT_UNSPECIFIED]


def parquet(rows) -> bytes:
    buffer = io.BytesIO()
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(rows), buffer)
    return buffer.getvalue()


ROWS = [{"id": "1", "title": "hat"}, {"id": "2", "title": "red shoe"}]
LINES = b'{"id": "1", "title": "hat"}\n{"id": "2", "title": "red shoe"}\n'
# For each format: a file with ROWS, the same with a broken line 2 (None if it cannot have one), and the line or row
# number of the first document.
FILES = {
    "FILE_FORMAT_NDJSON": (LINES, LINES.replace(b"}\n{", b"}\n{oops\n{"), 1),
    "FILE_FORMAT_UBI": (LINES, LINES.replace(b"}\n{", b"}\n[1]\n{"), 1),
    "FILE_FORMAT_CSV": (b"id,title\n1,hat\n2,red shoe\n", b"id,title\n1\n1,hat\n2,red shoe\n", 2),
    "FILE_FORMAT_PARQUET": (parquet(ROWS), None, 1),
}


class Counting(Reading):
    def __init__(self, uri):
        super().__init__(uri)
        self.lines = []
        self.columns = None

    def table(self, columns):
        self.columns = list(columns)

    def broken(self, line, problem, lines=1):
        self.lines.append(line)


@pytest.mark.parametrize("name", NAMES)
def test_a_format_of_the_contract_has_a_reader_and_a_file_in_this_test(name):
    assert FileFormat.Value(name) in FORMATS, f"add {name} to FORMATS in sq_source/formats/__init__.py"
    assert name in FILES, f"add a file in {name} to this test"


@pytest.mark.parametrize("name", FILES)
def test_documents_and_broken_lines(tmp_path, name):
    whole, damaged, _ = FILES[name]
    path = tmp_path / "file"
    for content, broken in ((whole, []), (damaged, [2])):
        if content is None:
            continue
        path.write_bytes(content)
        reading = Counting(path.as_uri())
        found = list(reader_of(FileFormat.Value(name), "log").documents(path.as_uri(), "log", reading))
        assert [document for _, document in found] == ROWS
        assert reading.lines == broken
        assert reading.columns in (None, ["id", "title"])


@pytest.mark.parametrize("name", FILES)
def test_documents_are_numbered_by_their_line_or_row(tmp_path, name):
    whole, _, first = FILES[name]
    (tmp_path / "file").write_bytes(whole)
    uri = (tmp_path / "file").as_uri()
    numbers = [number for number, _ in FORMATS[FileFormat.Value(name)].documents(uri, "log", Reading(uri))]
    assert numbers == [first, first + 1]


def test_no_two_formats_share_an_extension():
    extensions = [extension for reader in FORMATS.values() for extension in reader.extensions]
    assert len(extensions) == len(set(extensions))


@pytest.mark.parametrize(
    ("uri", "expected"), [("a.NDJSON", "NDJSON"), ("a.jsonl.gz", "NDJSON"), ("s3://b/c.csv.zst", "CSV"), ("a", None)]
)
def test_the_extension_tells_the_format(uri, expected):
    if expected is None:
        with pytest.raises(InputError, match=r"log\.format: cannot tell the format of a from its extension; set it to"):
            format_of(uri, FILE_FORMAT_UNSPECIFIED, "log")
    else:
        assert FileFormat.Name(format_of(uri, FILE_FORMAT_UNSPECIFIED, "log")) == f"FILE_FORMAT_{expected}"


def test_a_format_without_a_reader_is_refused_by_name():
    with pytest.raises(InputError, match="no reader for FILE_FORMAT_UNSPECIFIED"):
        reader_of(FILE_FORMAT_UNSPECIFIED, "log")
    with pytest.raises(InputError, match="no reader for format 99"):
        reader_of(99, "log")


def test_a_format_of_logs_is_refused_elsewhere():
    with pytest.raises(InputError, match="FILE_FORMAT_UBI is for query logs only"):
        next(read_documents("file:///c.ndjson", FILE_FORMAT_UBI, "catalogue"))


def test_lines_of_a_text_file(tmp_path):
    (tmp_path / "a.txt.gz").write_bytes(gzip.compress(b"\xef\xbb\xbf hat \n\n red shoe\r\n\xff\n"))
    uri = (tmp_path / "a.txt.gz").as_uri()
    lines = read_lines(uri, "fixed.uri")
    assert [next(lines), next(lines)] == [(f"{uri}:1", "hat"), (f"{uri}:3", "red shoe")]
    with pytest.raises(InputError, match=r"a\.txt\.gz:4: is not UTF-8 text"):
        next(lines)
