"""Probes become changes of nDCG, those of queries that the judge could not follow left out."""

import numpy as np
import pytest
from synthetic import PROBE_FAILURE, records
from synthetic_case import Case, Probed

from sq.v1.query_pb2 import PROBE_FORM_BLEND, PROBE_FORM_REPLACE
from sq_measures import ndcg
from sq_report.measures import measure
from sq_report.scored import Scored
from sq_report.settings import Settings
from sq_report.trials import Trials, make_trials

SETTINGS = Settings()


def trials(*cases: Case, judge: str = "model/1") -> Trials:
    market = records(cases, judge=judge).read()
    scored = [
        Scored(data, found) for data, found in zip(market.queries, measure(market.queries, SETTINGS), strict=True)
    ]
    return make_trials(market.probes, scored, market.judges, SETTINGS)


def test_a_replacement_counts_from_the_probe_alone() -> None:
    made = trials(Case("a", [0, 4], probes=[Probed("operator", [4, 4])]))
    before = ndcg([0, 4], [0, 4, 4, 4], 10)
    after = ndcg([4, 4], [0, 4, 4, 4], 10)
    assert made.trials[0].delta.tolist() == [[pytest.approx(after - before)]]


def test_a_blend_takes_the_better_of_two_scores() -> None:
    # The query's results score 1 and 1/2; the probe's stand between and behind them.
    probe = Probed("inflection", [4, 0], form=PROBE_FORM_BLEND, scores=[0.7, 0.1])
    made = trials(Case("a", [0, 3], probes=[probe]))
    judged = [0, 3, 4, 0]
    expected = ndcg([0, 4, 3, 0], judged, 10) - ndcg([0, 3], judged, 10)
    assert made.trials[0].delta.tolist() == [[pytest.approx(expected)]]


def test_a_blend_without_scores_is_not_measurable() -> None:
    probe = Probed("inflection", [4], form=PROBE_FORM_BLEND, scores=[0.0])
    made = trials(Case("a", [4], probes=[probe]))
    assert made.trials == []
    assert "json.answer.score" in made.not_measurable["inflection"]


def test_an_endpoint_that_cannot_carry_a_change_says_so() -> None:
    made = trials(Case("a", [4], probes=[Probed("entity", [], fails=True)]))
    assert made.not_measurable["entity"] == PROBE_FAILURE


@pytest.mark.parametrize("judge", ["baseline/1", "trained-words/1"])
def test_a_judge_of_words_measures_a_synonym_only_where_the_meaning_is_known(judge: str) -> None:
    probe = [Probed("vocabulary", [4], item="couch", form=PROBE_FORM_REPLACE)]
    blind = trials(Case("couch", [3], probes=probe), judge=judge)
    told = trials(Case("couch", [3], probes=probe, meant_text="sofa"), judge=judge)
    assert "words.synonyms_uri" in blind.not_measurable["vocabulary"]
    assert len(told.trials) == 1


def test_a_query_that_was_not_measured_has_no_change() -> None:
    made = trials(
        Case("a", [None, None], [4], probes=[Probed("operator", [4])]), Case("b", [4], probes=[Probed("operator", [0])])
    )
    assert made.trials[0].query.tolist() == [1]
    assert made.family == 1


def test_each_rule_is_a_change_of_its_own() -> None:
    made = trials(
        Case("a", [3], probes=[Probed("vocabulary", [4], rule=0), Probed("vocabulary", [0], rule=1)]),
        Case("b", [3], probes=[Probed("vocabulary", [4], rule=1)]),
    )
    trial = made.trials[0]
    assert trial.changes == ["0", "1"]
    assert np.isnan(trial.delta[1, 0])
    assert trial.delta[0, 0] > 0 > trial.delta[0, 1]
