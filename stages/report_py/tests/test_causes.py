"""Root causes: which one a query's loss goes to."""

from dataclasses import replace

import pytest
from synthetic import Case, records, report

from sq.v1.judgment_pb2 import Reason, ReasonCode
from sq.v1.retrieval_pb2 import RetrievalFailureReason
from sq_report.attribution import attribute
from sq_report.causes import Cause
from sq_report.market_report import report_market
from sq_report.settings import Settings

NOT_FOUND, FOUND, MISSING, CONFLICTING = (0, 9, 1, 0), (9, 1, 0, 0), (3, 0, 7, 0), (3, 0, 0, 7)
NO_COLOUR = [Reason(code=ReasonCode.REASON_CODE_TAG_MISSING, tag_type="COLOUR", value="red")]
SERVER_ERROR = RetrievalFailureReason.RETRIEVAL_FAILURE_REASON_SERVER_ERROR


def failing(**signs: object) -> Case:
    return Case("query", [0, 1], [4, 4], **signs)


ATTRIBUTION = {
    "retrieval failed": (Case("query", [], [4], failure=SERVER_ERROR), "RETRIEVAL_FAILED/SERVER_ERROR"),
    "retrieval failed comes before everything": (
        Case("query", [], [4], failure=SERVER_ERROR, lost=[("COLOUR", "red")], terms={"mac": False}),
        "RETRIEVAL_FAILED/SERVER_ERROR",
    ),
    "lost tag": (failing(lost=[("COLOUR", "red")]), "TRANSLATION_LOST_TAG/COLOUR=red"),
    "lost tag before entity": (
        failing(lost=[("COLOUR", "red")], evidence={"BRAND=acme": NOT_FOUND}),
        "TRANSLATION_LOST_TAG/COLOUR=red",
    ),
    "brand not found": (failing(evidence={"BRAND=acme": NOT_FOUND}), "ENTITY_NOT_FOUND/BRAND=acme"),
    "category not found": (failing(evidence={"CATEGORY=kilt": NOT_FOUND}), "ENTITY_NOT_FOUND/CATEGORY=kilt"),
    "nothing came back for a brand": (
        Case("query", [], [4], evidence={"BRAND=acme": (0, 0, 0, 0)}),
        "ENTITY_NOT_FOUND/BRAND=acme",
    ),
    "entity before term": (
        failing(evidence={"BRAND=acme": NOT_FOUND}, terms={"mac": False}),
        "ENTITY_NOT_FOUND/BRAND=acme",
    ),
    "term": (failing(evidence={"BRAND=acme": FOUND}, terms={"mac": False}), "TERM_NOT_RECOGNISED/mac"),
    "term before attribute": (
        failing(evidence={"COLOUR=red": MISSING}, reasons=NO_COLOUR, terms={"mac": False}),
        "TERM_NOT_RECOGNISED/mac",
    ),
    "attribute missing": (
        failing(evidence={"COLOUR=red": MISSING}, reasons=NO_COLOUR),
        "ATTRIBUTE_WRONG_OR_MISSING/COLOUR=red",
    ),
    "attribute contradicts": (
        failing(evidence={"COLOUR=red": CONFLICTING}, reasons=NO_COLOUR),
        "ATTRIBUTE_WRONG_OR_MISSING/COLOUR=red",
    ),
    "attribute that no judgment names": (failing(evidence={"COLOUR=red": MISSING}), ""),
    "results of another colour are no wrong attribute": (
        failing(evidence={"COLOUR=red": (3, 7, 0, 0)}, reasons=NO_COLOUR),
        "",
    ),
    "a brand is no attribute": (failing(evidence={"BRAND=acme": MISSING}, reasons=NO_COLOUR), ""),
    "entity found, term found": (failing(evidence={"BRAND=acme": FOUND}, terms={"mac": True}), ""),
    "loses less than the minimum": (
        Case("query", [4, 4, 0], [], terms={"mac": False}),
        "",
    ),
    "results of which none is judged": (Case("query", [None], [], terms={"mac": False}), ""),
}


@pytest.mark.parametrize("case", ATTRIBUTION)
def test_root_cause(case: str) -> None:
    query, expected = ATTRIBUTION[case]
    assert report([query]).queries[0].class_id == expected


def test_an_entity_the_catalogue_does_not_have_is_not_missed() -> None:
    made = records([failing(evidence={"BRAND=acme": NOT_FOUND})])
    made.tag_differences[0].evidence[0].known_match_count = 0
    assert report_market("uk", made.read(), Settings()).queries[0].class_id == ""


def test_a_brand_that_most_queries_find_is_not_the_cause() -> None:
    found = [Case(f"acme {n}", [4], evidence={"BRAND=acme": FOUND}) for n in range(3)]
    missed = failing(evidence={"BRAND=acme": NOT_FOUND}, terms={"mac": False})
    made = {query.text: query.class_id for query in report([*found, missed]).queries}
    assert made["query"] == "TERM_NOT_RECOGNISED/mac"


def named(case: str, number: int, **signs: object) -> Case:
    return Case(f"{case} {number}", [], [4], **signs)


NOTHING_CAME = (0, 0, 0, 0)
EXPLAINED = {
    "an unknown word hides a brand that is found elsewhere as often": (
        [named("mac", n, terms={"mac": False}) for n in range(5)]
        + [Case(f"acme {n}", [4], evidence={"BRAND=acme": FOUND}) for n in range(2)]
        + [named("both", n, terms={"mac": False}, evidence={"BRAND=acme": NOTHING_CAME}) for n in range(4)],
        "both 0",
        "TERM_NOT_RECOGNISED/mac",
    ),
    "an unknown word hides a brand named nowhere else": (
        [named("mac", n, terms={"mac": False}) for n in range(5)]
        + [named("both", 0, terms={"mac": False}, evidence={"BRAND=acme": NOTHING_CAME})],
        "both 0",
        "TERM_NOT_RECOGNISED/mac",
    ),
    "an unknown word hides a category": (
        [named("mac", n, terms={"mac": False}) for n in range(5)]
        + [named("both", 0, terms={"mac": False}, evidence={"CATEGORY=coat": NOTHING_CAME})]
        + [Case("coat 0", [4], evidence={"CATEGORY=coat": FOUND})],
        "both 0",
        "TERM_NOT_RECOGNISED/mac",
    ),
    "a brand missed on its own as well comes before an unknown word": (
        [named("mac", n, terms={"mac": False}) for n in range(9)]
        + [named("acme", n, evidence={"BRAND=acme": NOT_FOUND}) for n in range(3)]
        + [named("both", 0, terms={"mac": False}, evidence={"BRAND=acme": NOTHING_CAME})],
        "both 0",
        "ENTITY_NOT_FOUND/BRAND=acme",
    ),
    "an absent brand hides a word": (
        [named("acme", n, evidence={"BRAND=acme": NOT_FOUND}) for n in range(5)]
        + [Case("office 0", [4], terms={"office": True})]
        + [named("both", 0, terms={"office": False}, evidence={"BRAND=acme": NOTHING_CAME})],
        "both 0",
        "ENTITY_NOT_FOUND/BRAND=acme",
    ),
    "a lost tag says nothing against the brand": (
        [named("lost", n, lost=[("COLOUR", "red")], evidence={"BRAND=acme": NOTHING_CAME}) for n in range(5)]
        + [named("acme", 0, evidence={"BRAND=acme": NOT_FOUND}, terms={"mac": False})]
        + [Case(f"acme {n}", [4], evidence={"BRAND=acme": FOUND}) for n in range(1, 4)],
        "acme 0",
        "TERM_NOT_RECOGNISED/mac",
    ),
}


@pytest.mark.parametrize("case", EXPLAINED)
def test_what_is_missed_with_something_else_is_not_blamed(case: str) -> None:
    queries, text, expected = EXPLAINED[case]
    assert {query.text: query.class_id for query in report(queries).queries}[text] == expected


A, B, C = (Cause(4, "", value) for value in "abc")
GREEDY = {
    "the cause that explains most takes all": (
        [{A, B}, {A}, {B}, {A}],
        {0: 0.1, 1: 0.1, 2: 0.1, 3: 0.1},
        {0: A, 1: A, 2: B, 3: A},
    ),
    "loss counts, not the number of queries": (
        [{A, B}, {A}, {B}],
        {0: 0.1, 1: 0.1, 2: 0.9},
        {0: B, 1: A, 2: B},
    ),
    "what is left is weighed anew": (
        [{A, B}, {A}, {A}, {B, C}, {C}],
        {0: 0.3, 1: 0.3, 2: 0.3, 3: 0.1, 4: 0.1},
        {0: A, 1: A, 2: A, 3: C, 4: C},
    ),
    "equal losses go by name": ([{A, B}], {0: 0.1}, {0: A}),
    "queries that do not lose are left alone": ([{A}, {A}], {1: 0.1}, {1: A}),
}


@pytest.mark.parametrize("case", GREEDY)
def test_each_loss_is_attributed_once(case: str) -> None:
    candidates, losses, expected = GREEDY[case]
    assert attribute([frozenset(causes) for causes in candidates], losses) == expected


def test_losses_of_classes_and_the_unattributed_rest_add_up_to_the_markets() -> None:
    cases = [
        replace(query, text=f"s{number % 3} {number}", searches=number + 1)
        for number, (query, _) in enumerate(ATTRIBUTION.values())
    ]
    made = report(cases)
    attributed = sum(item.loss.value for item in made.failure_classes)
    assert attributed + made.unattributed_loss == pytest.approx(made.overall.loss.value, abs=1e-9)
    assert sum(segment.loss.value for segment in made.segments) == pytest.approx(made.overall.loss.value, abs=1e-9)
    assert sum(query.loss for query in made.queries) == pytest.approx(made.overall.loss.value, abs=1e-9)
