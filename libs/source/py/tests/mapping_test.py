"""The mapping of documents. Go runs the same cases."""

import json
from pathlib import Path

import pytest
from google.protobuf import json_format

from sq.v1.product_pb2 import Product
from sq.v1.source_pb2 import FieldMapping
from sq_handoff.product import content_hash
from sq_source import to_product
from sq_source.mapping import NoIdError

CASES = json.loads(Path("proto/cases/mapping.json").read_text(encoding="utf-8"))["cases"]


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_mapping(case):
    mapping = json_format.ParseDict(case["fields"], FieldMapping())
    if case.get("error"):
        with pytest.raises(NoIdError, match=mapping.id):
            to_product(case["document"], mapping)
        return
    product = to_product(case["document"], mapping)
    assert product.content_hash == content_hash(product)
    product.content_hash = ""
    assert product == json_format.ParseDict(case["product"], Product())
