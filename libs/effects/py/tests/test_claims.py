"""Sign flips, families and claims, on cases small enough to count by hand."""

import time
from dataclasses import replace

import numpy as np
import pytest

from sq_effects import EffectSettings, Sample, Trial, diagnose
from sq_effects.discoveries import rejected, simes
from sq_effects.rules import Rules
from sq_effects.sign_flip import flip_p
from sq_effects.suggestions import suggestions

SETTINGS = EffectSettings()


def sample_of(weight, certain=None, ndcg=None, stratum=None, draws=None) -> Sample:
    count = len(weight)
    return Sample(
        query_ids=[f"q{number}" for number in range(count)],
        weight=np.array(weight, dtype=float),
        certain=np.zeros(count, dtype=bool) if certain is None else np.array(certain),
        ndcg=np.full(count, 0.5) if ndcg is None else np.array(ndcg, dtype=float),
        stratum=np.zeros(count, dtype=int) if stratum is None else np.array(stratum),
        draws=np.ones(count, dtype=int) if draws is None else np.array(draws),
    )


def trial_of(delta, items=None, listed=False, name="inflection", first=0) -> Trial:
    table = np.array(delta, dtype=float)
    table = table[:, np.newaxis] if table.ndim == 1 else table
    return Trial(
        mechanism=name,
        changes=[f"c{number}" for number in range(table.shape[1])],
        query=np.arange(first, first + len(table)),
        item=items or [f"i{number}" for number in range(len(table))],
        delta=table,
        listed=listed,
    )


def p_of(trial: Trial) -> float:
    return flip_p(trial, sample_of([1] * 5000), SETTINGS, "x")


@pytest.mark.parametrize(
    ("delta", "p"),
    [
        ([0.5], 1 / 2),
        ([-0.5], 1),
        # Of the eight sums of 0.1, 0.2 and 0.3, five are at least 0.1 + 0.2 - 0.3 = 0: 6, 4, 2 and twice 0 tenths.
        ([0.1, 0.2, -0.3], 5 / 8),
        # 0.5 + 0.2 - 0.1: exceeded by 0.8, reached by itself.
        ([0.5, 0.2, -0.1], 2 / 8),
        ([0.3] * 9, 2**-9),
        ([0.0] * 40, 1),
    ],
)
def test_p_is_the_share_of_all_flips_that_reach_the_sum(delta, p) -> None:
    assert p_of(trial_of(delta)) == p


def test_zeros_do_not_change_p_and_count_in_the_mean() -> None:
    moved = [0.4, 0.3, 0.2, -0.1]
    assert p_of(trial_of(moved + [0.0] * 100)) == p_of(trial_of(moved))
    result = diagnose([trial_of(moved + [0.0] * 6)], sample_of([1] * 10), 1, SETTINGS).results[0]
    assert result.effect.vote_mean == pytest.approx(0.08)
    assert (result.effect.better, result.effect.worse) == (3, 1)


def test_random_flips_agree_with_all_flips() -> None:
    delta = np.random.default_rng(1).normal(0.1, 0.3, 12).clip(-1, 1)
    every = p_of(trial_of(delta))
    drawn = flip_p(trial_of(delta), sample_of([1] * 12), EffectSettings(flips=1500, finer_below=0), "x")
    assert 1 << 12 > 2 * 1500
    assert drawn == pytest.approx(every, abs=4 * (every / 1500) ** 0.5)


def test_a_small_p_gets_a_second_look() -> None:
    assert p_of(trial_of([0.3] * 16)) == 2**-16
    assert p_of(trial_of([0.3] * 60)) == 1 / (2**16 + 1)


def test_the_same_flips_for_the_same_seed_only() -> None:
    delta = np.random.default_rng(2).normal(0.02, 0.3, 200).clip(-1, 1)
    sample = sample_of([1] * 200)
    assert flip_p(trial_of(delta), sample, SETTINGS, "x") == flip_p(trial_of(delta), sample, SETTINGS, "x")
    assert flip_p(trial_of(delta), sample, SETTINGS, "x") != flip_p(
        trial_of(delta), sample, EffectSettings(seed=1), "x"
    )


def test_one_heavy_query_does_not_hide_forty_better_ones() -> None:
    trial = trial_of([0.3] * 40 + [-0.2])
    claims = diagnose([trial], sample_of([1] * 40 + [30]), 12, SETTINGS).claims
    assert [claim.mechanism for claim in claims] == ["inflection"]


def test_traffic_has_to_gain_as_well() -> None:
    trial = trial_of([0.3] * 40 + [-0.2])
    diagnosis = diagnose([trial], sample_of([1] * 40 + [100]), 12, SETTINGS)
    assert not diagnosis.claims
    assert "traffic-weighted" in diagnosis.results[0].reason


@pytest.mark.parametrize(("queries", "claimed"), [(8, False), (9, True)])
def test_a_lone_claim_of_fourteen_needs_nine_queries(queries: int, claimed: bool) -> None:
    diagnosis = diagnose([trial_of([0.3] * queries)], sample_of([1] * queries), 14, SETTINGS)
    assert bool(diagnosis.claims) is claimed


@pytest.mark.parametrize(
    ("p_values", "expected"), [([], 1), ([0.04], 0.04), ([0.01, 0.04], 0.02), ([0.9, 0.03, 0.03, 0.5], 0.06)]
)
def test_simes(p_values, expected) -> None:
    assert simes(p_values) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("p_values", "family", "expected"),
    [
        ([0.01, 0.02, 0.9], 3, [True, True, False]),
        # The second is above 0.05 x 2 / 4 itself, and is rejected since the third is within 0.05 x 3 / 4.
        ([0.01, 0.026, 0.0375], 4, [True, True, True]),
        ([0.01, 0.02, 0.9], 12, [False, False, False]),
        ([], 3, []),
    ],
)
def test_benjamini_hochberg_over_all_that_were_planned(p_values, family, expected) -> None:
    assert rejected(p_values, family, 0.05) == expected


def test_more_tests_than_planned_are_refused() -> None:
    with pytest.raises(ValueError, match="2 tests were made, more than the 1 planned"):
        rejected([0.1, 0.2], 1, 0.05)


def test_the_best_change_of_each_query_is_no_effect() -> None:
    delta = np.random.default_rng(3).normal(0, 0.2, (400, 4)).clip(-1, 1)
    assert delta.max(axis=1).mean() > 0.15
    held_out = Rules.of(trial_of(delta), sample_of([1] * 400), SETTINGS).held_out()
    assert abs(held_out.mean()) < 0.04
    assert p_of(trial_of(delta)) > 0.01


def test_the_rule_of_a_fold_is_learned_on_the_others() -> None:
    delta = np.tile([0.1, 0.2], (50, 1))
    sample = sample_of([1] * 50)
    fold = Rules.of(trial_of(delta), sample, SETTINGS).fold
    delta[fold == 0] = [0.9, -0.9]
    held_out = Rules.of(trial_of(delta), sample, SETTINGS).held_out()
    # All other folds together speak for the second change; their rule for each other sees fold 0 and not itself.
    assert (held_out[fold == 0] == -0.9).all()


def test_a_listed_repair_leaves_harmful_items_out() -> None:
    trial = trial_of([0.2] * 20 + [-0.2] * 20 + [0.1], ["tv"] * 20 + ["pc"] * 20 + ["hifi"], listed=True)
    sample = sample_of([1] * 41)
    assert Rules.of(trial, sample, SETTINGS).held_out() == pytest.approx([0.2] * 20 + [0] * 20 + [0.1])
    assert suggestions(trial, sample, SETTINGS) == {"tv": "c0", "pc": None, "hifi": "c0"}


def test_an_item_is_claimed_alone_where_the_whole_is_not() -> None:
    trial = trial_of([0.3] * 20 + [-0.3] * 30, ["tv"] * 20 + ["pc"] * 30)
    (claim,) = diagnose([trial], sample_of([1] * 50), 12, SETTINGS).claims
    assert not claim.whole
    assert list(claim.items) == ["tv"]
    assert claim.alone.mean.value == pytest.approx(0.3)
    assert claim.rules == {"tv": "c0"}


def test_what_another_claim_wins_back_is_shared_and_not_claimed_again() -> None:
    rng = np.random.default_rng(4)
    spelling = trial_of(rng.uniform(0.3, 0.5, 40), name="spelling")
    same = trial_of(np.r_[spelling.delta[:30, 0] - 0.1, [-0.02] * 5], name="vocabulary")
    other = trial_of([0.2] * 20, name="units", first=40)
    diagnosis = diagnose([same, other, spelling], sample_of([1] * 60), 12, SETTINGS)
    assert [claim.mechanism for claim in diagnosis.claims] == ["spelling", "units"]
    assert diagnosis.results[0].reason == "the claims win back what it would"
    assert diagnosis.claims[1].shared == 0
    assert diagnosis.recovered == pytest.approx((spelling.delta.sum() + 4) / 60)


def test_overlap_is_shown() -> None:
    first = trial_of([0.4] * 30, name="spelling")
    second = trial_of([0.3] * 30, name="units", first=15)
    claims = diagnose([first, second], sample_of([1] * 60), 12, SETTINGS).claims
    assert [claim.alone.gain.value for claim in claims] == pytest.approx([12 / 60, 9 / 60])
    assert claims[1].left.gain.value == pytest.approx(4.5 / 60)
    assert claims[1].shared == pytest.approx(4.5 / 60)


def test_a_change_that_the_judge_cannot_contradict_has_only_what_the_others_leave() -> None:
    larger = replace(trial_of([0.4] * 30, name="operator"), uncontested=True)
    smaller = trial_of([0.3] * 30, name="units", first=15)
    claims = diagnose([larger, smaller], sample_of([1] * 60), 12, SETTINGS).claims
    assert [claim.mechanism for claim in claims] == ["units", "operator"]
    assert [claim.left.gain.value for claim in claims] == pytest.approx([9 / 60, (15 * 0.4 + 15 * 0.1) / 60])


def test_an_unstable_engine_claims_nothing() -> None:
    diagnosis = diagnose([trial_of([0.3] * 40)], sample_of([1] * 40), 12, SETTINGS, "the engine changed")
    assert not diagnosis.claims
    assert diagnosis.results[0].reason == diagnosis.unstable == "the engine changed"


def test_a_change_that_does_not_apply_leaves_the_query_as_it_is() -> None:
    with_none = trial_of([[0.3, np.nan]] * 20)
    assert p_of(with_none) == p_of(trial_of([[0.3, 0.0]] * 20))


@pytest.mark.parametrize(
    ("trial", "message"),
    [
        (lambda: trial_of([1.5]), "inflection: delta has a value outside -1 to 1"),
        (lambda: Trial("x", ["a"], np.array([1, 1]), ["", ""], np.zeros((2, 1))), "x: a query stands twice"),
        (lambda: Trial("x", ["a"], np.array([1]), ["", ""], np.zeros((1, 1))), "x: 2 items for 1 queries"),
    ],
)
def test_a_trial_that_cannot_be_is_refused(trial, message) -> None:
    with pytest.raises(ValueError, match=message):
        trial()


def test_twelve_mechanisms_of_3000_queries_take_seconds() -> None:
    rng = np.random.default_rng(5)
    sample = sample_of([1] * 3000)
    trials = [trial_of(rng.normal(0, 0.2, (3000, 3)).clip(-1, 1), name=f"m{number}") for number in range(12)]
    started = time.process_time()
    diagnose(trials, sample, 12, SETTINGS)
    assert time.process_time() - started < 30
