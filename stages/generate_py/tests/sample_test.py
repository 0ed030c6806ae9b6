"""The sample that an engine takes is the design of sq_sampling over all queries of the log."""

import hashlib
import random
from collections import Counter

import numpy as np
import pytest
from engine_test import classify, counted
from hypothesis import given, settings
from hypothesis import strategies as st

from sq_generate.sample import QUERY_BUDGET, segments_of, take_all, take_sample
from sq_sampling import design

# Segments A (much traffic), B and C, and D to J, which have one query each.
LOG = [
    *((f"a{number}", 400 // number) for number in range(1, 120)),
    *((f"b{number}", 3) for number in range(40)),
    *((f"c{number}", 1) for number in range(9)),
    *((letter, 1) for letter in "defghij"),
]
SEARCHES = sum(searches for _, searches in LOG)


def sample(rows, budget, seed=3):
    engine = counted(rows)
    taken = take_sample(engine, budget, seed)
    engine.close()
    return taken


def by_design(rows, budget, seed):
    """The same by arrays of all queries: (text, weight, certain, draws, whether the stratum is the shared one)."""
    found = Counter()
    for item, (_, searches) in zip(classify([spelling for spelling, _ in rows]), rows, strict=True):
        if not item.junk:
            found[item.text, item.segment_id] += searches
    queries = sorted(found, key=lambda key: hashlib.md5(key[0].encode()).hexdigest())
    traffic, sizes = Counter(), Counter()
    for query in queries:
        traffic[query[1]] += found[query]
        sizes[query[1]] += 1
    names = sorted(traffic, key=lambda name: (-traffic[name], -sizes[name], name))
    segment = np.array([names.index(name) for _, name in queries])
    taken = design(segment, np.array([found[query] for query in queries]), names, budget, seed)
    return {
        (queries[query][0], weight, certain, 0 if certain else draws, stratum == len(names))
        for query, weight, certain, draws, stratum in zip(
            *(c.tolist() for c in (taken.query, taken.weight, taken.certain, taken.draws, taken.stratum)), strict=True
        )
    }


def fields(taken):
    return {(one.traffic.text, one.weight, one.certain, one.draws, one.shared_stratum) for one in taken}


@pytest.mark.parametrize("budget", [1, 2, 3, 20, 60, 174, 175, QUERY_BUDGET])
def test_the_sample_is_that_of_the_design(budget):
    taken = sample(LOG, budget)
    assert len(taken) == len(fields(taken)) <= budget
    assert fields(taken) == by_design(LOG, budget, 3)


# With digests, the letters of a level are in another order than by text.
spellings = st.text(alphabet="abCdEf!é👟", min_size=1, max_size=3)


@settings(max_examples=40)
@given(
    st.lists(st.tuples(spellings, st.integers(1, 30)), min_size=1, max_size=60),
    st.integers(1, 40),
    st.integers(0, 2**63),
    st.randoms(use_true_random=False),
)
def test_any_log_in_any_order(rows, budget, seed, shuffler):
    if all(item.junk for item in classify([spelling for spelling, _ in rows])):
        return
    shuffled = list(rows)
    shuffler.shuffle(shuffled)
    taken = sample(shuffled, budget, seed)
    assert fields(taken) == by_design(rows, budget, seed)
    assert taken == sample(rows, budget, seed)


def test_the_queries_taken_stand_for_the_whole_log():
    taken = sample(LOG, 60)
    assert sum(one.weight for one in taken) == pytest.approx(SEARCHES)
    assert sum(one.draws for one in taken) + sum(one.certain for one in taken) == 60


def test_the_most_frequent_are_certain_and_stand_for_themselves():
    certain = [one for one in sample(LOG, 60) if one.certain]
    assert {"a1", "a2", "a3"} <= {one.traffic.text for one in certain}
    assert all(one.weight == one.traffic.searches for one in certain)


def test_small_segments_share_a_stratum_and_stand_for_one_another():
    shared = [one for one in sample(LOG, 60) if one.shared_stratum]
    assert {one.traffic.segment_id for one in shared} < set("CDEFGHIJ")
    assert sum(one.weight for one in shared) == pytest.approx(9 + 7)


def test_a_budget_for_every_query_takes_the_log_itself():
    taken = sample(LOG, len(LOG))
    assert {(one.traffic.text, one.weight) for one in taken} == set(LOG)
    assert all(one.certain for one in taken)


def test_the_draws_depend_on_the_seed():
    assert sample(LOG, 60, seed=3) != sample(LOG, 60, seed=4)


def test_the_mean_over_many_samples_is_that_of_the_log():
    random.seed(1)
    served = {text: random.random() for text, _ in LOG}
    engine = counted(LOG)
    means = [sum(one.weight * served[one.traffic.text] for one in take_sample(engine, 25, seed)) for seed in range(150)]
    engine.close()
    truth = sum(searches * served[text] for text, searches in LOG)
    assert np.mean(means) == pytest.approx(truth, abs=4 * np.std(means) / len(means) ** 0.5)


def test_a_list_is_taken_whole_and_is_no_sample():
    engine = counted(LOG)
    taken = take_all(engine)
    engine.close()
    assert {(one.traffic.text, one.traffic.searches) for one in taken} == set(LOG)
    assert not any(one.weight or one.certain or one.draws for one in taken)
    assert sorted(segments_of(taken)) == list("ABCDEFGHIJ")
