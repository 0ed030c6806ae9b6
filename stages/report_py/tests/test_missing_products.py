"""Products of the catalogue that the index lacks, by searches for known products."""

from dataclasses import replace

import pytest
from synthetic import HASH, records, report
from synthetic_case import Case, Probed

from sq.v1.product_pb2 import Product
from sq.v1.query_pb2 import PROBE_FORM_KNOWN_ITEM, QuerySetRecord
from sq.v1.report_pb2 import FailureKind
from sq_evidence import BY_WHOLE_WORDS
from sq_report.finding_words import affected, class_title, deed, listed_as, worth
from sq_report.measures import measure
from sq_report.missing_products import missing_products
from sq_report.scored import Scored
from sq_report.settings import Settings

KIND = FailureKind.FAILURE_KIND_MISSING_PRODUCTS


def known(number: int, rank: int, field: str = "title", rule: int = BY_WHOLE_WORDS) -> Case:
    """A search for a known product, which stands at a rank of all the results; 0 for nowhere."""
    case = Case(f"known {number}", [4])
    expected = f"{case.query_id}-c0-{rank}" if rank else f"missing-{number}"
    case.probes = [
        Probed("unsearched-field", [0] * 12, field, rule=rule, form=PROBE_FORM_KNOWN_ITEM, expected=expected)
    ]
    return case


# Ranks of the products that were looked for -> whether products are claimed to be missing.
RANKS = {
    "all found": ([1] * 30, False),
    "few missing": ([1] * 27 + [0] * 3, False),
    "a fifth missing": ([1] * 24 + [0] * 6, True),
    "found behind others": ([12] * 24 + [0] * 6, True),
    "none found: the field is not searched": ([0] * 30, False),
    "too few": ([1] + [0] * 3, False),
}


@pytest.mark.parametrize("name", RANKS)
def test_products_are_missing_where_their_own_title_does_not_find_them(name: str) -> None:
    ranks, claimed = RANKS[name]
    made = report([known(n, rank) for n, rank in enumerate(ranks)])
    found = [item for item in made.failure_classes if item.kind == KIND]
    assert [item.class_id for item in found] == (["MISSING_PRODUCTS"] if claimed else [])
    if claimed:
        assert "6 of 30 products drawn from the catalogue are not found" in found[0].headline
        assert "missing-24" in found[0].suggestions[0].text
        assert found[0].items[0].item == "known 24 changed (missing-24)"
        assert (class_title(found[0]), worth(found[0])) == (
            "Products of the catalogue are not in the index",
            "its gain is not measured",
        )
        assert affected(found[0]) == "30 searches for known products"
        assert "Index the whole catalogue" in deed(found[0])
        assert "missed their product" in listed_as(found[0])


@pytest.mark.parametrize(("rank", "claimed"), [(1, True), (5, False)])
def test_the_best_of_many_results_tell_only_where_words_come_first(rank: int, claimed: bool) -> None:
    """Where popularity decides, a product may stand behind all that was returned."""
    market = records([known(n, rank if n < 24 else 0) for n in range(30)]).read()
    probes = [replace(probe, complete=False) for probe in market.probes]
    assert bool(missing_products(replace(market, probes=probes), [], "uk", Settings())) == claimed


def test_searches_for_parts_of_names_say_nothing_because_analysers_rewrite_them() -> None:
    made = report([known(n, int(n < 24), rule=BY_WHOLE_WORDS if n < 24 else 0) for n in range(30)])
    assert not [item for item in made.failure_classes if item.kind == KIND]


def test_other_fields_say_nothing_about_the_index() -> None:
    made = report([known(n, int(n < 24), field="colour") for n in range(30)])
    assert not [item for item in made.failure_classes if item.kind == KIND]


def test_queries_that_name_a_missing_product_are_counted() -> None:
    cases = [known(n, int(n < 20)) for n in range(30)]
    for number in range(5):
        cases[number].grades, cases[number].pool = [0, 1], [4]
    cases[5].grades, cases[5].pool = [0, 1], [1]
    made = records(cases)
    # The second is returned nowhere, but its title has other words; the third has no title; results are missing after
    # those of the fourth; the fifth is returned; the sixth is not relevant.
    titles = ["Known 0, blue", "Known-1", "", "known 3", "known 4", "known 5"]
    named = [
        Product(product_id=one.pool_ids()[0], content_hash=HASH, title=title)
        for one, title in zip(cases, titles, strict=False)
    ]
    made.queries += [QuerySetRecord(product=product) for product in named]
    for record in made.retrieval:
        if record.result.query_id == cases[3].query_id:
            record.result.total_hits = 900
        if record.result.query_id == cases[4].query_id:
            record.result.hits[1].product.product_id = cases[4].pool_ids()[0]
    market = made.read()
    scored = [Scored(*pair) for pair in zip(market.queries, measure(market.queries, Settings()), strict=True)]
    (item,) = missing_products(market, scored, "uk", Settings())
    assert "It shows in 1 query of the sample" in item.headline
    assert item.traffic_share == pytest.approx(1 / 30)
    assert worth(item) == "concerns 3.3% of the traffic"
