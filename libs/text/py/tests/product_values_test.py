"""Values of a product by tag type."""

import pytest

from sq.v1.product_pb2 import Attribute, Product
from sq_text import product_values, split_values


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Clothing > Shirts", ["Clothing", "Shirts"]),
        ("Red/Blue", ["Red", "Blue"]),
        ("cotton, wool; silk|linen", ["cotton", "wool", "silk", "linen"]),
        ("38/40", ["38/40"]),
        ("n/a", ["n/a"]),
        ("3,5", ["3,5"]),
        (" ; ", []),
    ],
)
def test_split_values(text, expected):
    assert split_values(text) == expected


def test_product_values_are_canonical_and_by_tag_type():
    product = Product(
        brand="Clarks",
        categories=["Shoes > Running Shoes"],
        attributes=[
            Attribute(name="colour", values=["Red/Blue", "Reds"], tag_type="COLOUR"),
            Attribute(name="weight", values=["1"]),
        ],
    )
    assert product_values(product, "en") == {
        "BRAND": {"clark"},
        "CATEGORY": {"shoe", "running shoe"},
        "COLOUR": {"red", "blue"},
    }
