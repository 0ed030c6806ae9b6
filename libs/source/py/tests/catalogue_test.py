"""Catalogues in files: every format gives the same products, and an error says what is wrong and where."""

import gzip
import io
import json
import tracemalloc

import pyarrow
import pyarrow.csv
import pyarrow.parquet
import pytest
import zstandard
from google.protobuf import json_format

from sq.v1.source_pb2 import AttributeField, Catalogue, FieldMapping
from sq_source import read_catalogue, read_lines
from sq_source.log_lines import LONGEST_LINE
from sq_stagekit import InputError

ROWS = [
    {"sku": "p2", "name": "Red shirt", "supplier": "Acme", "attr_colour": "red", "attr_t_type": "Polo", "price": "9.5"},
    {"sku": "p1", "name": "Blue hat", "supplier": "Bolt", "attr_colour": "blue", "attr_t_type": "Cap", "price": "7"},
]


def ndjson(rows=ROWS) -> bytes:
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


def as_csv(rows=ROWS) -> bytes:
    buffer = io.BytesIO()
    pyarrow.csv.write_csv(pyarrow.Table.from_pylist(rows), buffer)
    return buffer.getvalue()


def parquet(rows=ROWS) -> bytes:
    buffer = io.BytesIO()
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(rows), buffer)
    return buffer.getvalue()


FILES = {
    "c.ndjson": ndjson(),
    "bom.jsonl": b"\xef\xbb\xbf" + ndjson(),
    "c.ndjson.gz": gzip.compress(ndjson()),
    "c.ndjson.zst": zstandard.compress(ndjson()[:40]) + zstandard.compress(ndjson()[40:]),
    "c.csv": as_csv(),
    "c.csv.gz": gzip.compress(as_csv()),
    "c.parquet": parquet(),
    "c.parquet.zst": zstandard.compress(parquet()),
}


def read(path, **fields):
    return list(read_catalogue(Catalogue(uri=str(path), **fields), "catalogue"))


@pytest.mark.parametrize("name", FILES)
def test_every_format_gives_the_same_products(tmp_path, name):
    (tmp_path / name).write_bytes(FILES[name])
    products = read(tmp_path / name)
    assert [json_format.MessageToDict(p) for p in products] == [
        {
            "productId": row["sku"],
            "contentHash": product.content_hash,
            "title": row["name"],
            "brand": row["supplier"],
            "attributes": [
                {"name": "colour", "values": [row["attr_colour"]], "tagType": "COLOUR"},
                {"name": "type", "values": [row["attr_t_type"]]},
            ],
            "price": float(row["price"]),
        }
        for row, product in zip(ROWS, products, strict=True)
    ]


def test_a_folder_is_read_in_the_order_of_names(tmp_path):
    (tmp_path / "b.ndjson").write_bytes(ndjson(ROWS[:1]))
    (tmp_path / "a.ndjson").write_bytes(ndjson(ROWS[1:]))
    (tmp_path / "_SUCCESS").write_bytes(b"")
    assert [product.product_id for product in read(f"{tmp_path}/")] == ["p1", "p2"]


def test_a_mapping_that_is_given_counts(tmp_path):
    (tmp_path / "c.ndjson").write_bytes(ndjson())
    fields = FieldMapping(id="sku", title="name", attributes=[AttributeField(field="attr_t_type", tag_type="CUT")])
    product = read(tmp_path / "c.ndjson", fields=fields)[0]
    assert [(a.name, list(a.values), a.tag_type) for a in product.attributes] == [("attr_t_type", ["Polo"], "CUT")]


@pytest.mark.parametrize(
    ("name", "content", "fields", "field", "problem"),
    [
        ("none.ndjson", None, None, "catalogue.uri", "no file"),
        ("c.ndjson", b"\n\n", None, "catalogue.uri", "no products"),
        ("c.ndjson", ndjson() + b'{"sku": \n', None, "c.ndjson:3", "not valid JSON"),
        ("c.ndjson", b"[1]\n", None, "c.ndjson:1", "not a JSON object"),
        ("c.ndjson", b'{"sku": NaN}\n', None, "c.ndjson:1", "NaN"),
        ("c.ndjson", b'{"sku": "\xff"}\n', None, "c.ndjson:1", "UTF-8"),
        ("c.ndjson", ndjson() + b'{"name": "x"}\n', None, "c.ndjson:3", "has no sku"),
        ("c.csv", b"sku,name\n1,2,3\n", None, "c.csv:2", "3 fields, but the header has 2"),
        ("c.csv", b'sku,name\n1,"2\n', None, "c.csv:2", "not valid CSV"),
        ("c.csv", "sku,name\n1,é\n".encode() + b"2,\xff\n", None, "c.csv:1", "UTF-8"),
        ("c.parquet", b"PAR1 no more", None, "catalogue", "Parquet"),
        ("c.ndjson.gz", gzip.compress(ndjson())[:-12], None, "catalogue", "damaged"),
        ("c.ndjson.zst", b"\x28\xb5\x2f\xfd\x00\x00\x00", None, "catalogue", "damaged"),
        ("c.xml", b"<a/>", None, "catalogue.format", "from its extension"),
        ("c.ndjson", b'{"a": 1, "b": 2}\n', None, "catalogue.fields", "id; there are a, b"),
        ("c.ndjson", ndjson(), FieldMapping(id="nr", title="name"), "catalogue.fields.id", "there are attr_colour"),
    ],
)
def test_an_error_names_field_and_problem(tmp_path, name, content, fields, field, problem):
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError) as caught:
        read(tmp_path / name, **({"fields": fields} if fields else {}))
    assert caught.value.field.endswith(field)
    assert problem in caught.value.problem


MAPPED = {"id": "sku", "title": "name"}


@pytest.mark.parametrize(
    ("mapping", "at", "problem"),
    [
        ({"brand": "suplier"}, "catalogue.fields.brand", "no product has the field suplier; there are attr_colour"),
        ({"price": "prize"}, "catalogue.fields.price", "no product has the field prize"),
        ({"attributes": [{"field": "attr_color"}]}, "catalogue.fields.attributes[0].field", "the field attr_color;"),
        ({"attribute_prefixes": ["attr_t_", "x_"]}, "catalogue.fields.attribute_prefixes[1]", "begins with x_;"),
    ],
)
@pytest.mark.parametrize("name", ["c.ndjson", "c.csv", "c.parquet"])
def test_a_configured_field_that_no_product_has_is_an_error(tmp_path, name, mapping, at, problem):
    (tmp_path / name).write_bytes(FILES[name])
    with pytest.raises(InputError) as error:
        read(tmp_path / name, fields=json_format.ParseDict({**MAPPED, **mapping}, FieldMapping()))
    assert error.value.field == at
    assert problem in error.value.problem


def test_a_field_that_only_the_last_of_many_products_has_is_fine(tmp_path):
    rows = [{"sku": f"p{n}", "name": "Hat"} for n in range(1500)]
    rows.append({"sku": "last", "name": "Hat", "variants": [{"colour": None}]})
    (tmp_path / "c.ndjson").write_bytes(ndjson(rows))
    mapping = {**MAPPED, "attributes": [{"field": "variants.colour"}]}
    assert len(read(tmp_path / "c.ndjson", fields=json_format.ParseDict(mapping, FieldMapping()))) == 1501


def test_a_line_that_is_too_long_is_refused_and_not_kept(tmp_path):
    path = tmp_path / "c.ndjson.gz"
    path.write_bytes(gzip.compress(b'{"id": "1", "title": "A"}\n{"id": "' + b"x" * (12 * LONGEST_LINE), 1))
    for reading in (lambda: read(path), lambda: list(read_lines(str(path), "people.uri"))):
        tracemalloc.start()
        with pytest.raises(InputError, match="ndjson.gz:2: is longer than 16 MiB"):
            reading()
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert peak < 6 * LONGEST_LINE
