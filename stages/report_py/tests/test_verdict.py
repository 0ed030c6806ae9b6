"""The finding of a market in two sentences."""

import re

import pytest
from markets import healthy, planted
from synthetic import report
from synthetic_case import Case, Probed

from sq.v1.query_pb2 import PROBE_FORM_REPEAT
from sq.v1.report_pb2 import MarketReport
from sq_report.verdict import verdict


def test_it_says_how_good_the_search_is_and_what_to_do_first() -> None:
    made = report(planted())
    assert made.verdict == verdict(made)
    assert made.verdict.startswith("Over the 99% of the traffic that was measured, the search loses 53 of 100 points")
    assert made.verdict.endswith(made.failure_classes[0].headline)
    assert "stem words in the analyser, to win back at least" in made.verdict


def test_the_points_lost_are_those_of_the_overall_figure() -> None:
    made = report([Case("a", [0, 4]), Case("b", [None])])
    lost = 100 * (1 - made.overall.ndcg.value)
    assert f"Over the 50% of the traffic that was measured, the search loses {lost:.0f} of 100" in made.verdict


DEEDS = {
    "nothing was tried": ([Case("a", [4])], "No change to the search was tried, so no cause is claimed."),
    "nothing helps": (healthy(), "No change that was tried makes a difference that can be told from chance."),
    "nothing judged": ([Case("a", [None])], "Nothing was measured: no query has judged results. Judge some results"),
    "only what is not sold": (
        [Case("a", [0])],
        "Nothing was measured: nothing that was judged is relevant. See whether",
    ),
    "failed": ([Case("a", [4]), Case("b", failure=1)], "The search engine did not answer 1 query (unreachable)."),
}


@pytest.mark.parametrize("case", DEEDS)
def test_the_second_sentence(case: str) -> None:
    cases, said = DEEDS[case]
    assert said in report(cases).verdict


def test_changes_that_were_tried_and_not_judged_are_not_called_untried() -> None:
    made = report([Case("a", [4])])
    made.probing.probes = 5
    assert "Changes to the search were tried, and too few of their results are judged" in verdict(made)


def test_a_gain_that_the_judge_cannot_contradict_has_its_caveat() -> None:
    made = report(planted())
    first = next(item for item in made.failure_classes if item.claimed)
    first.not_measurable = "Check it with another judge."
    assert verdict(made).endswith(f"{first.headline} Check it with another judge.")


def test_two_sentences() -> None:
    for made in (report(planted()), report(healthy()), report([Case("a", [4])])):
        assert len(re.findall(r"[.](?: |$)", made.verdict)) == 2, made.verdict


def test_a_changing_engine_does_not_hide_what_needs_no_probe() -> None:
    again = [Case(f"again {n}", [4], probes=[Probed("repeat", [4], form=PROBE_FORM_REPEAT)]) for n in range(5)]
    made: MarketReport = report([*again, Case("b", failure=1)])
    assert made.unstable
    assert "did not answer 1 query" in made.verdict
    assert any(made.unstable in note for note in made.notes)
