"""The content hash of a product: the same in every language."""

import hashlib

from sq.v1.product_pb2 import Product


def content_hash(product: Product) -> str:
    """sha256 (64 hexadecimal digits) of the product's deterministic encoding without the hash."""
    bare = Product()
    bare.CopyFrom(product)
    bare.content_hash = ""
    return hashlib.sha256(bare.SerializeToString(deterministic=True)).hexdigest()


def seal(product: Product) -> Product:
    """Sets the product's content hash and returns it."""
    product.content_hash = content_hash(product)
    return product
