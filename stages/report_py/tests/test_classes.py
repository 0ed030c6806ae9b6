"""Each kind of failure class: what it takes, and what it says."""

import pytest
from synthetic import records, report
from synthetic_case import Case, Probed

from sq.v1.query_pb2 import PROBE_FORM_BLEND
from sq.v1.report_pb2 import FailureClass, FailureKind, MarketReport
from sq.v1.retrieval_pb2 import RetrievalFailureReason
from sq_measures import ndcg
from sq_report.finding_words import class_title
from sq_report.market_report import report_market
from sq_report.settings import Settings

FINE = [Case(f"fine {n}", [4]) for n in range(20)]


def of_kind(made: MarketReport, kind: int) -> list[FailureClass]:
    return [item for item in made.failure_classes if item.kind == kind]


def mechanisms(*cases: Case, **settings: object) -> list[FailureClass]:
    return of_kind(report([*cases, *FINE], Settings(**settings)), FailureKind.FAILURE_KIND_MECHANISM)


def plural(number: int, word: str, **more: object) -> Case:
    return Case(f"{word}s {number}", [0, 3], probes=[Probed("inflection", [4, 4], item=f"{word}s → {word}")], **more)


def test_items_are_listed_by_what_they_win_back() -> None:
    heavy, light = [plural(n, "hub", searches=30) for n in range(8)], [plural(n, "toner") for n in range(4)]
    (item,) = mechanisms(*light, *heavy)
    assert [(part.item, part.queries) for part in item.items] == [("hubs → hub", 8), ("toners → toner", 4)]
    assert sum(part.gain for part in item.items) == pytest.approx(item.gain.value)
    assert item.items[1].examples == ["toners 0", "toners 1", "toners 2"]
    assert [part.claimed for part in item.items] == [True, False]
    assert "hubs, hub\ntoners, toner" in item.suggestions[-1].text


def test_gain_is_of_what_was_measured_and_loss_of_all_traffic() -> None:
    unmeasured = [Case(f"u {n}", [None], searches=16) for n in range(20)]
    (item,) = mechanisms(*[plural(n, "hub") for n in range(12)], *unmeasured)
    measured = (12 + 20) * 10 / ((12 + 20) * 10 + 20 * 16)
    assert item.loss.value == pytest.approx(item.gain.value * measured)


def test_queries_that_get_worse_count() -> None:
    harmed = [Case(f"bad {n}", [4], probes=[Probed("inflection", [0], item="bads → bad")]) for n in range(3)]
    (item,) = mechanisms(*[plural(n, "hub") for n in range(20)], *harmed)
    assert (item.eligible_queries, item.better, item.worse) == (23, 20, 3)
    assert "20 queries get better, 3 worse" in item.headline


def test_examples_show_the_results_with_the_suggested_change() -> None:
    def synonyms(number: int) -> Case:
        tried = [Probed("vocabulary", [0], item="couch", rule=0), Probed("vocabulary", [4, 4, 4], item="couch", rule=1)]
        return Case(f"couch {number}", [0, 2], probes=tried)

    (item,) = mechanisms(*[synonyms(n) for n in range(20)], examples=2)
    assert len(item.examples) == 2
    for example in item.examples:
        assert [hit.grade for hit in example.hits] == [0, 2]
        assert [hit.grade for hit in example.hits_after] == [4, 4, 4]
        assert [hit.title for hit in example.hits_after] == ["Product found 1", "Product found 2", "Product found 3"]
        assert example.ndcg_after > example.ndcg_before
        assert example.ndcg_after == ndcg([4, 4, 4], [0, 2, 0, 4, 4, 4], 10)


def test_a_probe_that_was_not_answered_is_never_an_example() -> None:
    def half(number: int) -> Case:
        tried = [
            Probed("vocabulary", [], item="couch", rule=0, fails=True),
            Probed("vocabulary", [4], item="couch", rule=1),
        ]
        return Case(f"couch {number}", [0, 2], probes=tried)

    (item,) = mechanisms(*[half(n) for n in range(20)])
    assert all(example.hits_after for example in item.examples)


def test_an_example_of_a_blend_shows_both_lists_as_one() -> None:
    probe = Probed("inflection", [4, 0], form=PROBE_FORM_BLEND, scores=[0.7, 0.1], item="hubs → hub")
    (item,) = mechanisms(*[Case(f"hubs {n}", [0, 3], probes=[probe]) for n in range(20)])
    assert [hit.grade for hit in item.examples[0].hits_after] == [0, 4, 3, 0]


def test_a_part_that_alone_helps_is_claimed_alone() -> None:
    harmed = [Case(f"bad {n}", [4], probes=[Probed("inflection", [0], item="bads → bad")]) for n in range(40)]
    (item,) = mechanisms(*[plural(n, "hub") for n in range(20)], *harmed)
    assert item.headline.startswith("Singular and plural are different words (claimed only for hubs → hub): stem words")
    assert [part.item for part in item.items] == ["hubs → hub"]
    assert item.eligible_queries == 20


# Counts of (matching, differing, missing, conflicting) results, and queries -> whether a gap is claimed.
GAPS = {
    "missing": ((5, 0, 5, 0), 12, True),
    "conflicting": ((5, 0, 0, 5), 12, True),
    "below a fifth": ((9, 0, 1, 0), 12, False),
    "another value is no gap": ((0, 10, 0, 0), 12, False),
    "too few queries": ((0, 0, 10, 0), 4, False),
}


@pytest.mark.parametrize("case", GAPS)
def test_data_gaps(case: str) -> None:
    evidence, queries, claimed = GAPS[case]
    made = report([Case(f"navy {n}", [4] * 10, evidence={"COLOUR=navy": evidence}) for n in range(queries)])
    items = of_kind(made, FailureKind.FAILURE_KIND_DATA_GAP)
    assert [item.class_id for item in items] == (["DATA_GAP/COLOUR=navy"] if claimed else [])


def test_data_gaps_do_not_depend_on_grades() -> None:
    def made(grades: list[int]) -> list[FailureClass]:
        cases = [Case(f"navy {n}", grades, [4], evidence={"COLOUR=navy": (5, 0, 5, 0)}) for n in range(12)]
        return of_kind(report(cases), FailureKind.FAILURE_KIND_DATA_GAP)

    assert made([4] * 10) == made([0] * 10)


@pytest.mark.parametrize(("category", "claimed"), [("Printer papers", False), ("Printers", True)])
def test_a_value_that_names_the_thing_itself_is_no_gap(category: str, claimed: bool) -> None:
    cases = [Case(f"paper {n}", [4], evidence={"MATERIAL=paper": (0, 0, 10, 0)}) for n in range(12)]
    made = records(cases)
    for record in made.retrieval:
        if record.HasField("product"):
            record.product.categories.append(category)
    found = of_kind(report_market("uk", made.read(), Settings()), FailureKind.FAILURE_KIND_DATA_GAP)
    assert bool(found) == claimed


def test_brand_and_category_are_no_attributes() -> None:
    made = report([Case(f"acme {n}", [4], evidence={"BRAND=acme": (0, 0, 10, 0)}) for n in range(12)])
    assert of_kind(made, FailureKind.FAILURE_KIND_DATA_GAP) == []


def test_a_gap_that_few_queries_show_among_many_is_not_claimed() -> None:
    cases = [
        Case(f"navy {n}", [4], evidence={"COLOUR=navy": (0, 0, 10, 0) if n < 5 else (10, 0, 0, 0)}) for n in range(12)
    ]
    assert of_kind(report(cases), FailureKind.FAILURE_KIND_DATA_GAP) == []


def test_failed_retrieval_by_reason_with_the_engines_own_words() -> None:
    server, slow = (
        RetrievalFailureReason.RETRIEVAL_FAILURE_REASON_SERVER_ERROR,
        RetrievalFailureReason.RETRIEVAL_FAILURE_REASON_TIMEOUT,
    )
    cases = [Case(f"s {n}", failure=server, detail="all shards failed") for n in range(3)] + [Case("t", failure=slow)]
    first, second = of_kind(report([*cases, *FINE]), FailureKind.FAILURE_KIND_RETRIEVAL_FAILED)
    assert (first.class_id, first.rank) == ("RETRIEVAL_FAILED/SERVER_ERROR", 1)
    assert first.headline == (
        "The search engine did not answer 3 queries (server error); its own reason: “all shards failed”."
    )
    assert second.headline == "The search engine did not answer 1 query (timeout)."


def test_what_is_not_sold_lists_the_queries_of_most_traffic_first_and_is_never_a_loss() -> None:
    made = report([Case("rare", [0]), Case("often", [1, 2], searches=90), Case("a", [4, 4])])
    (item,) = of_kind(made, FailureKind.FAILURE_KIND_NOT_SOLD)
    assert (item.class_id, item.claimed, item.loss.value) == ("NOT_SOLD", False, 0)
    assert [part.item for part in item.items] == ["often", "rare"]
    assert item.traffic_share == pytest.approx(100 / 110)
    assert made.overall.loss.value == 0
    assert made.unattributed_loss == 0


# What was found for the query -> whether it is not sold.
SOLD = {
    "nothing relevant": (Case("x", [0, 2]), True),
    "a relevant result": (Case("x", [0, 3]), False),
    "a relevant known match": (Case("x", [0], [3]), False),
    "a relevant result of a probe": (Case("x", [0], probes=[Probed("spelling", [4])]), False),
    "nothing at all": (Case("x", []), True),
    "a result that is not judged": (Case("x", [0, 0, None]), False),
    "retrieval failed": (Case("x", failure=1), False),
}


@pytest.mark.parametrize("case", SOLD)
def test_not_sold(case: str) -> None:
    one, expected = SOLD[case]
    assert bool(of_kind(report([one, *FINE]), FailureKind.FAILURE_KIND_NOT_SOLD)) == expected


def test_the_headline_of_what_is_not_sold_names_probes_only_where_there_were_some() -> None:
    (plain,) = of_kind(report([Case("x", [0]), *FINE]), FailureKind.FAILURE_KIND_NOT_SOLD)
    (probed,) = of_kind(
        report([Case("x", [0], probes=[Probed("spelling", [0])]), *FINE]), FailureKind.FAILURE_KIND_NOT_SOLD
    )
    assert "results and known matches. No synonyms were tried" in plain.headline
    assert "known matches and probes. No synonyms were tried" in probed.headline
    tried = Case("x", [0], probes=[Probed("vocabulary", [0], item="x")])
    (synonyms,) = of_kind(report([tried, *FINE]), FailureKind.FAILURE_KIND_NOT_SOLD)
    assert "Synonyms were tried" in synonyms.headline


@pytest.mark.parametrize(
    ("text", "title", "expected"),
    [
        ("laptop", "Laptop sleeve", "NOT_SOLD/CALLED_OTHERWISE"),
        ("laptops", "Laptop sleeve", "NOT_SOLD/CALLED_OTHERWISE"),
        ("bosch drill", "Drill bit", "NOT_SOLD"),
    ],
)
def test_a_thing_whose_words_products_hold_may_be_sold_by_another_name(text: str, title: str, expected: str) -> None:
    (item,) = of_kind(report([Case(text, [0, 1], title=title), *FINE]), FailureKind.FAILURE_KIND_NOT_SOLD)
    assert item.class_id == expected
    assert [f"{text}, <your name for it>" in suggestion.text for suggestion in item.suggestions] == [True]
    assert class_title(item) == (
        "Not for sale, or called otherwise" if "/" in expected else "Not for sale under any name that was tried"
    )
