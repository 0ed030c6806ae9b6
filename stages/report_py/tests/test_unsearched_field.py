"""Fields that are not searched, by searches for known products."""

from dataclasses import replace

import pytest
from synthetic import records, report
from synthetic_case import Case, Probed

from sq.v1.product_pb2 import Product
from sq.v1.query_pb2 import PROBE_FORM_KNOWN_ITEM, Probe, Query
from sq.v1.report_pb2 import FailureKind
from sq_report.held import Found, ProductKey
from sq_report.market import Answer
from sq_report.settings import Settings
from sq_report.unsearched_field import unsearched_fields


def known(number: int, found: bool) -> Case:
    case = Case(f"known {number}", [4])
    case.probes = [Probed("unsearched-field", [0, 0], "colour", form=PROBE_FORM_KNOWN_ITEM, expected="x")]
    if found:
        case.probes[0] = Probed(
            "unsearched-field", [0, 0], "colour", form=PROBE_FORM_KNOWN_ITEM, expected=case.probe_ids(0)[1]
        )
    return case


# Products found, products looked for -> whether the field is claimed not to be searched.
FIELDS = {
    "none": (0, 12, True),
    "few": (2, 30, True),
    "a quarter": (8, 30, False),
    "all": (12, 12, False),
    "too few": (0, 4, False),
}


@pytest.mark.parametrize("case", FIELDS)
def test_a_field_is_unsearched_where_known_products_are_not_found(case: str) -> None:
    found, total, claimed = FIELDS[case]
    made = report([known(n, n < found) for n in range(total)])
    items = [item for item in made.failure_classes if item.kind == FailureKind.FAILURE_KIND_UNSEARCHED_FIELD]
    assert [item.class_id for item in items] == (["UNSEARCHED_FIELD/colour"] if claimed else [])
    if claimed:
        assert f"{found} of {total} known products" in items[0].headline
        assert {text.engine for text in items[0].suggestions} == {"OpenSearch", "Solr", "any"}
        assert items[0].items[0].item == f"known {found} changed"
    assert made.probing.known_items == total


@pytest.mark.parametrize(("brands", "titles", "claimed"), [(7, 0, False), (5, 0, True), (7, 7, True), (0, 7, True)])
def test_a_field_whose_words_most_results_hold_there_alone_is_searched(brands: int, titles: int, claimed: bool) -> None:
    """Of ten results for a known product of another place, `brands` have its brand as brand, `titles` in the title."""
    shown = [
        Product(product_id=f"p{n}", brand="Acme" if n < brands else "Bolt", title="Acme hub" if n < titles else "Hub")
        for n in range(10)
    ]
    keys = [ProductKey(product.product_id, "") for product in shown]
    what = Probe(item="brand", form=PROBE_FORM_KNOWN_ITEM, expected_product_id="x", field_words=["acme"])
    probes = [
        Answer(Query(query_id=f"k{n}", text="acme hub", probe=what), [Found(key, 1) for key in keys]) for n in range(12)
    ]
    market = replace(records([Case("x", [4])]).read(), probes=probes, products=dict(zip(keys, shown, strict=True)))
    assert bool(unsearched_fields(market, "uk", Settings())) == claimed
