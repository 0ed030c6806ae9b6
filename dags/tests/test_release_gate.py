"""A release goes on only if the figures of all reports that started the gate are good enough."""

import pytest
from airflow.sdk.exceptions import AirflowFailException

from sq_airflow.release_gate import check_figures

GOOD = {"run_id": "r", "report": "s3://b/r", "figures": {"uk": {"ndcg": 0.7, "loss": 0.1}}}
WORSE = {**GOOD, "baseline_run": "q", "baseline_measures": {"uk": 0.75}}
LOSES = {**GOOD, "run_id": "s", "figures": {**GOOD["figures"], "de": {"ndcg": 0.9, "loss": 0.6}}}


def test_good_figures_release():
    assert check_figures([GOOD], 0.5, 0.02) == ["r"]
    assert check_figures([WORSE], 0.5, 0.06) == ["r"]


@pytest.mark.parametrize(
    ("events", "sentence"),
    [
        ([], "No event has the figures of a run"),
        ([{}], "No event has the figures of a run"),
        ([GOOD, LOSES], r"No release: de loses 60\.0% of its traffic, more than 50\.0% \(s3://b/r\)"),
        ([WORSE], r"No release: nDCG of uk is 0\.700, and was 0\.750 in q"),
    ],
)
def test_bad_figures_stop_it(events, sentence):
    with pytest.raises(AirflowFailException, match=sentence):
        check_figures(events, 0.5, 0.02)
