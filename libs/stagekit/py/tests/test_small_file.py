"""Small files that a configuration names."""

import re

import pytest

from sq_stagekit import InputError
from sq_stagekit.small_file import MOST_BYTES, read_small_file


@pytest.mark.parametrize("name", ["prompt.txt", "with space.txt", "ü%20.txt", "a#b?c.txt"])
def test_a_path_and_its_uri_name_the_same_file(tmp_path, name):
    file = tmp_path / name
    file.write_bytes(b"text")
    assert read_small_file(str(file), "field") == b"text"
    assert read_small_file(file.as_uri(), "field") == b"text"


def test_the_largest_file(tmp_path):
    (tmp_path / "file").write_bytes(b"x" * MOST_BYTES)
    assert len(read_small_file(str(tmp_path / "file"), "field")) == MOST_BYTES
    (tmp_path / "file").write_bytes(b"x" * (MOST_BYTES + 1))
    with pytest.raises(InputError, match="field: .* has more than 65536 bytes; give a shorter file"):
        read_small_file(str(tmp_path / "file"), "field")


@pytest.mark.parametrize(
    ("uri", "says"),
    [
        ("missing.txt", "there is no file"),
        (".", "cannot read .*: Is a directory; give a readable file"),
        ("ftp://host/file", "the scheme must be one of file, s3, gs"),
        ("s3://user:secret@bucket/file", "the URI has credentials in it"),
    ],
)
def test_what_is_no_file_is_refused_by_its_field(tmp_path, uri, says):
    place = uri if "://" in uri else str(tmp_path / uri)
    with pytest.raises(InputError, match=f"field: .*{says}") as caught:
        read_small_file(place, "field")
    assert not re.search("secret", str(caught.value))
