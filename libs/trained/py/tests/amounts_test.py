"""Amounts with units are the same in any unit, and rounded catalogues agree with them."""

import math

import pytest

from sq_trained.amounts import OTHER, SAME, UNSTATED, agreement


@pytest.mark.parametrize(
    ("query", "product", "expected"),
    [
        ("ssd 256gb", "SSD 256 GB", SAME),
        ("ssd 256gb", "SSD 0.256 TB", SAME),
        ("ssd 256gb", "SSD 512 GB", OTHER),
        ("ssd 256gb", "SSD, fast", UNSTATED),
        ('15.6" laptop', "Notebook 39.6 cm", SAME),
        ("15,6 zoll laptop", 'Notebook 15.6"', SAME),
        ("500 ml bottle", "Bottle 0,5 l", SAME),
        ("500 ml bottle", "Bottle 500 g", UNSTATED),
        ("8gb 256gb laptop", "8 GB RAM, 512 GB SSD", OTHER),
    ],
)
def test_agreement(query, product, expected):
    assert agreement(query, product) == expected


@pytest.mark.parametrize("query", ["laptop", "iphone 7", "usb 3.0 hub", "tn-2110", "4k tv"])
def test_numbers_without_a_unit_are_no_amounts(query):
    assert math.isnan(agreement(query, "5 cm"))
