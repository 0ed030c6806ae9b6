import hashlib

from sq.v1.product_pb2 import ProductRef
from sq.v1.tag_difference_pb2 import TagDifference
from sq_handoff.schema import fingerprint


def test_the_described_schema_is_what_is_hashed() -> None:
    text = "message sq.v1.ProductRef\n1 product_id string optional - -\n2 content_hash string optional - -\n"
    assert fingerprint(ProductRef.DESCRIPTOR) == "sha256:" + hashlib.sha256(text.encode()).hexdigest()


def test_different_messages_have_different_fingerprints() -> None:
    assert fingerprint(ProductRef.DESCRIPTOR) != fingerprint(TagDifference.DESCRIPTOR)
