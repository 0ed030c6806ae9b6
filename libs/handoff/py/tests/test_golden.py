"""Golden artefacts: Go and Python write them with the same digests (proto/cases/golden.json)."""

import json
from pathlib import Path

import pytest
from google.protobuf import json_format, message_factory, symbol_database
from google.protobuf.message import Message

from sq.v1.manifest_pb2 import Provenance
from sq.v1.product_pb2 import Product
from sq_handoff import ArtefactReader, ArtefactWriter
from sq_handoff.product import content_hash
from sq_handoff.writer import PART_BYTES

GOLDEN = json.loads((Path(__file__).parents[4] / "proto/cases/golden.json").read_text(encoding="utf-8"))


def records_of(recipe: dict) -> tuple[type[Message], list[Message]]:
    descriptor = symbol_database.Default().pool.FindMessageTypeByName(recipe["type"])
    message = message_factory.GetMessageClass(descriptor)
    return message, [
        json_format.ParseDict(item["json"], message()) for item in recipe["records"] for _ in range(item["repeat"])
    ]


@pytest.mark.parametrize("recipe", GOLDEN["artefacts"], ids=lambda recipe: recipe["name"])
def test_golden_artefacts(recipe: dict, tmp_path: Path) -> None:
    message, records = records_of(recipe)
    writer = ArtefactWriter(str(tmp_path), message, recipe["part_bytes"] or PART_BYTES)
    for record in records:
        writer.write(record)
    manifest = writer.publish(Provenance(stage="golden"))
    assert (manifest.digest, len(manifest.parts)) == (recipe["digest"], recipe["parts"])
    assert list(ArtefactReader.open(str(tmp_path), message)) == records


@pytest.mark.parametrize("recipe", GOLDEN["product_hashes"], ids=lambda recipe: recipe["name"])
def test_golden_product_hashes(recipe: dict) -> None:
    assert content_hash(json_format.ParseDict(recipe["product"], Product())) == recipe["content_hash"]
