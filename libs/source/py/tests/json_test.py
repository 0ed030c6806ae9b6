"""JSON as tools write it: arrays on one line or many, and the frames of Elasticdump and of the bulk API."""

import json

import pytest

from sq.v1.source_pb2 import FILE_FORMAT_UNSPECIFIED, Catalogue
from sq_source import read_catalogue, read_documents
from sq_source.mapping import value_at
from sq_stagekit import InputError

DOCUMENTS = [{"id": str(number), "title": "ä" * number, "tags": [1, 2.5, None]} for number in range(3)]


def read(path, text):
    path.write_text(text, encoding="utf-8")
    return list(read_documents(path.as_uri(), FILE_FORMAT_UNSPECIFIED, "catalogue"))


@pytest.mark.parametrize(
    "text",
    [
        json.dumps(DOCUMENTS),
        json.dumps(DOCUMENTS, indent=2, ensure_ascii=False),
        "\ufeff \n " + json.dumps(DOCUMENTS) + "\n",
        f"{json.dumps(DOCUMENTS[:1])}\n{json.dumps(DOCUMENTS[1:])}\n",
        "".join(json.dumps(document) + "\n" for document in DOCUMENTS),
        "".join(f'{{"index": {{}}}}\n{json.dumps(document)}\n' for document in DOCUMENTS),
    ],
)
def test_every_form_gives_the_same_documents(tmp_path, text):
    assert [document for _, document in read(tmp_path / "a.json", text)] == DOCUMENTS


def test_an_array_larger_than_what_is_read_at_once(tmp_path):
    documents = [{"id": str(number), "text": "x" * (number % 7) * 20_000} for number in range(100)]
    assert [document for _, document in read(tmp_path / "a.json", json.dumps(documents, indent=1))] == documents


def test_objects_of_an_array_have_the_number_of_their_first_line(tmp_path):
    found = read(tmp_path / "a.json", '[\n {"id": 1},\n\n {\n  "id": 2}]')
    assert [where.rpartition(":")[2] for where, _ in found] == ["2", "4"]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('[{"a": 1},\n {"a": }]', r"a\.json:2: is not valid JSON: Expecting value"),
        ('[{"a": 1},\n {"a": 2}', r"a\.json:2: is not valid JSON"),
        ('[{"a": 1}\n {"a": 2}]', r"a\.json:2: is not valid JSON: expected ','"),
        ('[{"a": 1}]\n{"a": 2}', r"a\.json:2: is not valid JSON: expected '\['"),
        ('[{"a": 1},\n 7]', r"a\.json:2: is not a JSON object"),
        ('[{"a": NaN}]', r"a\.json:1: contains NaN"),
    ],
)
def test_a_broken_array_is_refused_where_it_is_broken(tmp_path, text, problem):
    with pytest.raises(InputError, match=problem):
        read(tmp_path / "a.json", text)


def test_a_catalogue_as_elasticdump_writes_it(tmp_path):
    lines = [
        json.dumps({"_index": "p", "_id": document["id"], "_source": document}) + "\n" for document in DOCUMENTS[1:]
    ]
    (tmp_path / "a.json").write_text("".join(lines))
    assert [(p.product_id, p.title) for p in read_catalogue(Catalogue(uri=str(tmp_path / "a.json")), "catalogue")] == [
        ("1", "ä"),
        ("2", "ää"),
    ]


@pytest.mark.parametrize(
    ("path", "value"),
    [("a", 1), ("b.c", 2), ("d.e", 3), ("f", [4, 5]), ("g.h", [6, 7]), ("b", {"c": 2}), ("x", None), ("b.x", None)],
)
def test_a_path_selects_one_field(path, value):
    document = {"a": 1, "b": {"c": 2}, "d.e": 3, "f": [4, 5], "g": [{"h": 6}, {"h": 7}]}
    assert value_at(document, path) == value
