"""What a market's report claims, and what it leaves alone."""

import numpy as np
from synthetic import report
from synthetic_case import Case, Probed

from sq.v1.query_pb2 import PROBE_FORM_REPEAT
from sq.v1.report_pb2 import FailureClass, FailureKind, MarketReport
from sq.v1.retrieval_pb2 import RetrievalFailureReason


def claimed(made: MarketReport) -> list[FailureClass]:
    return [item for item in made.failure_classes if item.claimed]


def helped(count: int, mechanism: str = "inflection") -> list[Case]:
    """Queries whose first result is wrong, and right after the change."""
    return [
        Case(f"s{n % 3} query {n}", [0, 3], probes=[Probed(mechanism, [4, 4], item=f"w{n}s → w{n}")])
        for n in range(count)
    ]


def test_a_change_that_helps_is_claimed_with_what_to_do() -> None:
    (item,) = claimed(report([*helped(20), *[Case(f"fine {n}", [4]) for n in range(20)]]))
    assert item.class_id == "MECHANISM/inflection"
    assert (item.eligible_queries, item.better, item.worse) == (20, 20, 0)
    assert "stem words in the analyser" in item.headline.lower()
    assert {text.engine for text in item.suggestions} == {"OpenSearch", "Solr", "any"}
    assert "w0s, w0" in item.suggestions[-1].text
    assert item.examples[0].ndcg_after > item.examples[0].ndcg_before
    assert [hit.grade for hit in item.examples[0].hits_after] == [4, 4]


def test_a_change_that_helps_and_harms_alike_is_not_claimed() -> None:
    random = np.random.default_rng(1)
    cases = [
        Case(f"s query {n}", [3, 3], probes=[Probed("operator", [int(random.choice([4, 0]))] * 2)]) for n in range(60)
    ]
    made = report(cases)
    assert claimed(made) == []
    assert made.probing.tests[0].reason


def test_perfect_queries_that_a_change_harms_count_against_it() -> None:
    harmed = [Case(f"perfect {n}", [4, 4], probes=[Probed("inflection", [0, 0])]) for n in range(30)]
    assert claimed(report([*helped(10), *harmed])) == []


def test_nothing_is_claimed_of_an_engine_that_answers_otherwise_when_asked_again() -> None:
    again = [Case(f"again {n}", [4, 4], probes=[Probed("repeat", [4, 4], form=PROBE_FORM_REPEAT)]) for n in range(5)]
    made = report([*helped(20), *again])
    assert claimed(made) == []
    assert "asked again" in made.unstable
    assert made.unstable in made.verdict


def test_failed_retrieval_is_a_class_with_the_engines_reason() -> None:
    failed = RetrievalFailureReason.RETRIEVAL_FAILURE_REASON_SERVER_ERROR
    made = report([Case("a", [4]), Case("b", failure=failed), Case("c", failure=failed)])
    (item,) = claimed(made)
    assert item.class_id == "RETRIEVAL_FAILED/SERVER_ERROR"
    assert item.queries == 2
    assert item.loss.value == 2 / 3


def test_what_is_not_sold_is_no_loss() -> None:
    made = report([Case("a", [4, 4]), Case("unknown brand", [0, 1, 0])])
    assert made.overall.ndcg.value == 1
    assert made.coverage.not_sold == 0.5
    (item,) = made.failure_classes
    assert item.kind == FailureKind.FAILURE_KIND_NOT_SOLD
    assert [part.item for part in item.items] == ["unknown brand"]


def test_a_product_that_only_a_probe_finds_is_sold() -> None:
    made = report([Case("toners", [0], probes=[Probed("inflection", [4])])])
    assert made.coverage.not_sold == 0
    assert made.overall.ndcg.value == 0


def test_data_gaps_are_told_from_the_data_alone() -> None:
    asked = {"COLOUR=navy": (2, 0, 4, 4)}
    cases = [Case(f"navy {n}", [4] * 10, evidence=asked) for n in range(12)]
    (item,) = claimed(report(cases))
    assert item.class_id == "DATA_GAP/COLOUR=navy"
    assert "48 state no COLOUR and 48 contradict themselves" in item.headline


def test_an_item_that_loses_is_not_in_the_list_to_paste() -> None:
    harmed = [Case(f"h {n}", [4, 4], probes=[Probed("inflection", [0, 0], item="cards → card")]) for n in range(2)]
    (item,) = claimed(report([*helped(15), *harmed]))
    assert "cards → card" not in [part.item for part in item.items if part.gain > 0]
    assert "cards, card" not in item.suggestions[-1].text
