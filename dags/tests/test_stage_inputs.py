"""Which handoffs a task reads, and what it does without them."""

import pytest
from airflow.providers.cncf.kubernetes.operators.pod import KubernetesPodOperator
from airflow.sdk.exceptions import AirflowException, AirflowFailException, AirflowSkipException
from fakes import context, publish, unpinned


@pytest.fixture
def no_handoff(monkeypatch):
    """A pod that ends without a handoff."""
    monkeypatch.setattr(KubernetesPodOperator, "execute", lambda self, context: None)


def test_a_market_left_out_is_skipped(operator):
    with pytest.raises(AirflowSkipException, match="uk is not among this run's markets: de"):
        operator.execute(context(markets=["de"]))


def test_a_missing_input_is_no_start(search_quality):
    with pytest.raises(AirflowFailException, match=r"nothing to read: uk\.generate has no handoff"):
        unpinned(search_quality.get_task("uk.ner_diff")).execute(context("uk.ner_diff"))


def test_consolidate_goes_on_without_a_failed_market(search_quality, operator, monkeypatch, no_handoff):
    consolidate = unpinned(search_quality.get_task("consolidate"))
    monkeypatch.setattr(consolidate, "env_vars", list(consolidate.env_vars))
    report = publish(operator)
    with pytest.raises(AirflowException, match="the handoff is missing"):
        consolidate.execute(context("consolidate", {("de.report", -1): report}))
    flags = consolidate.arguments
    assert [flags[i + 1] for i, flag in enumerate(flags) if flag == "--input"] == [f"reports={report['uri']}"]
    # Not where the page of all markets goes once the other is there.
    assert flags[flags.index("--output") + 1] == "s3://sq-runs/search/r-1/all-markets/consolidate-without-uk"


def test_a_market_that_is_left_out_on_purpose_is_not_missing(search_quality, operator, monkeypatch, no_handoff):
    consolidate = unpinned(search_quality.get_task("consolidate"))
    monkeypatch.setattr(consolidate, "env_vars", list(consolidate.env_vars))
    with pytest.raises(AirflowException, match="the handoff is missing"):
        consolidate.execute(context("consolidate", {("de.report", -1): publish(operator)}, markets=["de"]))
    flags = consolidate.arguments
    assert flags[flags.index("--output") + 1] == "s3://sq-runs/search/r-1/all-markets/consolidate"
