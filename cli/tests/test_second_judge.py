"""What of a run survives another judge."""

from __future__ import annotations

import pytest

from sq_cli.compare.run_records import MarketRun
from sq_cli.compare.second_judge import second_judge
from sq_cli.compare.table import print_second_judge


def run(judge: str, claims: list[str], grades: list[int]) -> MarketRun:
    made = MarketRun(claims=claims, judges={judge})
    made.grades = {"q1": dict(zip("abcd", grades, strict=False))}
    return made


def test_claims_that_both_judges_make_are_kept_and_the_others_are_named(capsys: pytest.CaptureFixture) -> None:
    first = run("baseline/1", ["stemming", "units", "modifier", "operator"], [4, 0, 3])
    second = run("openai/m", ["units", "stemming", "modifier", "entity"], [4, 0, 3, 2])
    found = second_judge("uk", first, second, 1.0)
    assert found is not None
    assert (found.kept, found.lost, found.new) == (["stemming", "units", "modifier"], ["operator"], ["entity"])
    assert found.tau == pytest.approx(1 / 3)
    assert (found.pairs, found.kappa.value) == (3, 1)
    print_second_judge(found)
    said = capsys.readouterr().out
    assert "Both graded 3 pairs, with a quadratic kappa of 1.00." in said
    assert "Of 4 claims, 3 are made by both judges. Kendall's tau of their order is 0.33." in said
    assert "alone: operator. Claimed by the second judge alone: entity." in said


def test_no_pair_in_common_and_one_claim_have_no_figure(capsys: pytest.CaptureFixture) -> None:
    first, second = run("a/1", ["units"], [4]), run("b/1", ["units"], [4])
    second.grades = {"q2": {"a": 4}}
    found = second_judge("uk", first, second, 1.0)
    assert found is not None and (found.pairs, found.kappa.value, found.tau) == (0, None, None)
    print_second_judge(found)
    assert "Both graded 0 pairs. Of 1 claim, 1 is made by both judges." in capsys.readouterr().out


def test_runs_of_one_judge_say_nothing() -> None:
    assert second_judge("uk", run("a/1", [], [4]), run("a/1", ["units"], [0]), 1.0) is None


def test_claims_of_runs_that_measured_little_alike_are_not_compared(capsys: pytest.CaptureFixture) -> None:
    found = second_judge("uk", run("a/1", ["units"], [4]), run("b/1", [], [4]), 0.3)
    assert found is not None and not found.comparable
    print_second_judge(found)
    said = capsys.readouterr().out
    assert "Their claims are not compared, because both runs measured only 30% of the first run's traffic" in said
    assert "made by both" not in said
