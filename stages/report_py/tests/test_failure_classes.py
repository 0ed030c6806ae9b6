"""What is claimed: everything that was planted, and nothing on a healthy market."""

from dataclasses import replace

import numpy as np
import pytest
from markets import PLANTED, healthy, planted
from synthetic import Case, records, report

from sq.v1.retrieval_pb2 import RetrievalFailureReason
from sq_report.failure_classes import Findings, find_causes
from sq_report.measures import measure
from sq_report.segments import Scored
from sq_report.settings import Settings

TIMEOUT = RetrievalFailureReason.RETRIEVAL_FAILURE_REASON_TIMEOUT
SETTINGS = Settings(resamples=100)


def findings(cases: list[Case], settings: Settings = SETTINGS) -> Findings:
    market = records(cases).read()
    scored = [Scored(d, m) for d, m in zip(market.queries, measure(market.queries, settings), strict=True)]
    return find_causes(scored, "uk", settings)


@pytest.mark.parametrize("seed", range(5))
def test_every_planted_failure_is_claimed_in_its_class_and_no_other(seed: int) -> None:
    assert {item.class_id for item in findings(planted(seed)).classes if item.claimed} == PLANTED


def test_planted_failures_are_found_at_the_smallest_sample() -> None:
    claimed = {item.class_id for item in findings(planted(9, each=5, background=60)).classes if item.claimed}
    assert claimed == PLANTED


def test_healthy_markets_seldom_have_a_claim() -> None:
    """Signs fall on queries at random there, so that every claim is false. The rate allowed is 5 of 100 markets."""
    made = [findings(healthy(seed)).classes for seed in range(100)]
    assert sum(len(classes) for classes in made) > 500, "the simulation has to offer candidates"
    assert sum(any(item.claimed for item in classes) for classes in made) <= 5


def test_the_false_discovery_rate_holds_by_the_test_alone() -> None:
    """The same without the rules on sample and size of effect: q-values alone keep to the rate."""
    settings = Settings(resamples=20, minimum_sample=1, minimum_loss=1e-9)
    false = sum(any(item.q_value <= 0.1 for item in findings(healthy(seed), settings).classes) for seed in range(100))
    assert false / 100 <= 0.1 + 2 * np.sqrt(0.1 * 0.9 / 100)


def test_false_claims_beside_planted_failures_keep_to_the_rate() -> None:
    rates = []
    for seed in range(20):
        cases = planted(seed) + [_renamed(case) for case in healthy(1000 + seed)]
        claimed = {item.class_id for item in findings(cases).classes if item.claimed}
        rates.append(len(claimed - PLANTED) / max(len(claimed), 1))
    assert np.mean(rates) <= 0.05


def _renamed(case: Case) -> Case:
    evidence = {f"{name}0": counts for name, counts in case.evidence.items()}
    return replace(case, text=f"h{case.text}", evidence=evidence)


def class_of(cases: list[Case], class_id: str, settings: Settings = SETTINGS):
    return next(item for item in findings(cases, settings).classes if item.class_id == class_id)


def test_below_the_minimum_sample_a_class_is_shown_and_not_claimed() -> None:
    cases = [*healthy(1, 100, 0), *[Case(f"f {n}", [], [4], failure=TIMEOUT) for n in range(4)]]
    item = class_of(cases, "RETRIEVAL_FAILED/TIMEOUT")
    assert item.q_value < 0.01
    assert (item.queries, item.claimed, item.loss.claimed) == (4, False, False)


def test_a_difference_smaller_than_the_minimum_loss_is_not_claimed() -> None:
    background = [Case(f"b {n}", [3, 4, 4], [4]) for n in range(200)]
    slightly = [Case(f"t {n}", [2, 4, 4], [4], terms={"mac": False}) for n in range(30)]
    item = class_of([*background, *slightly], "TERM_NOT_RECOGNISED/mac")
    assert item.q_value < 0.001
    assert 0 < item.excess_loss < 0.1
    assert not item.claimed


def test_terms_are_compared_with_queries_whose_terms_are_found() -> None:
    """Long queries lose more. That alone is no reason to blame a word."""
    short = [Case(f"s {n}", [4, 4]) for n in range(100)]
    long = [Case(f"l {n}", [0, 2], [4], terms={"office": True}) for n in range(20)]
    blamed = [Case(f"t {n}", [0, 2], [4], terms={"mac": False}) for n in range(10)]
    item = class_of([*short, *long, *blamed], "TERM_NOT_RECOGNISED/mac")
    assert item.q_value < 0.001
    assert item.excess_loss == pytest.approx(0)
    assert not item.claimed


def test_queries_that_show_the_evidence_and_lose_nothing_speak_against_a_class() -> None:
    background = [Case(f"b {n}", [4, 3]) for n in range(50)]
    harmless = [Case(f"t {n}", [4, 4], terms={"mac": False}) for n in range(60)]
    failing = [Case(f"u {n}", [2, 3], [4], terms={"mac": False}) for n in range(6)]
    item = class_of([*background, *harmless, *failing], "TERM_NOT_RECOGNISED/mac")
    assert (item.queries, item.tested_queries, item.claimed) == (6, 66, False)


def test_without_a_background_a_class_is_tested_against_all_others() -> None:
    failed = [Case(f"f {n}", [], [4], failure=TIMEOUT) for n in range(10)]
    mild = [Case(f"t {n}", [3, 4, 4], [4], terms={f"term{n}": False}) for n in range(20)]
    made = findings([*failed, *mild])
    assert made.background == 0
    assert [item.class_id for item in made.classes if item.claimed] == ["RETRIEVAL_FAILED/TIMEOUT"]


def test_a_total_outage_claims_nothing_and_says_so() -> None:
    made = report([Case(f"f {n}", [], [4], failure=TIMEOUT) for n in range(10)])
    (only,) = made.failure_classes
    assert (only.p_value, only.claimed, only.loss.value) == (1, False, pytest.approx(1))
    assert any("Retrieval failed for every query" in note for note in made.notes)


def test_ranking_has_claimed_classes_first_then_by_loss() -> None:
    classes = report([*planted(2), *[Case(f"x {n}", [], [4], terms={"rare": False}) for n in range(3)]]).failure_classes
    assert [item.rank for item in classes] == list(range(1, len(classes) + 1))
    assert sorted(classes, key=lambda c: (not c.claimed, -c.loss.value)) == list(classes)
    assert classes[-1].class_id == "TERM_NOT_RECOGNISED/rare"


def test_large_classes_are_tested_on_a_drawn_sample() -> None:
    cases = [*healthy(1, 100, 0), *[Case(f"f {n}", [], [4], failure=TIMEOUT) for n in range(300)]]
    item = class_of(cases, "RETRIEVAL_FAILED/TIMEOUT")
    assert (item.queries, item.tested_queries, item.claimed) == (300, 300, True)


def test_equal_records_give_equal_reports_in_any_process() -> None:
    assert report(planted(3)).SerializeToString(deterministic=True) == report(planted(3)).SerializeToString(
        deterministic=True
    )
