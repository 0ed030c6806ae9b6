from __future__ import annotations

import pytest

from sq_diagnosis_e2e.intent import Intent
from sq_diagnosis_e2e.oracle import grade_of
from sq_diagnosis_e2e.query_log import make_log

RED_CABLE = {
    "title": "USB cable 3 m",
    "brand": "D-Link",
    "categories": ["usb cable"],
    "attributes": {"colour": ["Red, Gray"]},
}
GRADES = [
    (Intent("usb cable"), 4),
    (Intent("usb cable", brand="D-Link", colour="grey", amount=3, unit="m"), 4),
    (Intent("usb cable", amount=8, unit="gb"), 3),
    (Intent("usb cable", amount=5, unit="m"), 1),
    (Intent("usb cable", colour="blue"), 1),
    (Intent("usb cable", wireless=True), 1),
    (Intent("usb cable", brand="Sony"), 0),
    (Intent("router"), 0),
]


@pytest.mark.parametrize(("intent", "grade"), GRADES)
def test_a_product_is_graded_by_what_was_meant(intent, grade):
    assert grade_of(intent, RED_CABLE)[0] == grade


def product(number: int, **fields: str) -> dict:
    return {
        "id": str(number),
        "title": f"USB 2.0 cable {number} m",
        "brand": "D-Link",
        "category": "usb cable",
    } | fields


def test_equal_seeds_give_equal_logs():
    products = [product(number, colour="Red") for number in range(1, 12)]
    assert make_log(products, 20, seed=3) == make_log(products, 20, seed=3)
    assert make_log(products, 20, seed=3) != make_log(products, 20, seed=4)


def test_something_meets_every_query():
    products = [product(number) for number in range(1, 12)]
    shown = [{**one, "categories": [one["category"]]} for one in products]
    for text, intent in make_log(products, 20, seed=1).meant.items():
        assert max(grade_of(intent, one)[0] for one in shown) == 4, text
