"""A run reads the days of its own date, or those that it is given; without either it is refused before any work."""

import dataclasses
import json
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from airflow.providers.cncf.kubernetes.operators.pod import KubernetesPodOperator
from airflow.sdk.exceptions import AirflowException, AirflowFailException
from fakes import context

from sq_interval import GivenDays, MarketLogs

DAY = (datetime(2026, 3, 29, 3, tzinfo=UTC), datetime(2026, 3, 30, 3, tzinfo=UTC))
LOG = {"uri": ["s3://lake/searches/dt={date}/"]}


@pytest.fixture
def start(operator, monkeypatch):
    """Starts uk's generate with a log. Returns the configuration that the pod gets."""
    monkeypatch.setattr(KubernetesPodOperator, "execute", lambda self, context: None)

    def start(log=LOG, clicks=None, **run):
        market = {"generate": {"log": log}, "log_days": {"time_zone": "Europe/London"}}
        market |= {"report": {"clicks": clicks}} if clicks else {}
        config = {"log": log} if log else {"fixed": {"text": ["shoes"]}}
        logs = MarketLogs.of(market if log else {"generate": config})
        operator.stage = dataclasses.replace(operator.stage, config=config, logs=logs)
        operator.env_vars = []
        with pytest.raises(AirflowException, match="the handoff is missing"):
            operator.execute(context(**run))
        return json.loads(operator.arguments[operator.arguments.index("--config") + 1])

    return start


@pytest.mark.parametrize("run_type", ["scheduled", "backfill", "manual"])
def test_the_data_interval_is_the_window(start, run_type):
    config = start(interval=DAY, run_type=run_type)
    # Four in the morning to four in the morning is the day before, and this one has 23 hours.
    assert config["log"]["uri"] == ["s3://lake/searches/dt=2026-03-29/"]
    assert (config["log"]["start"], config["log"]["end"]) == ("2026-03-29T00:00:00Z", "2026-03-29T23:00:00Z")


def test_from_and_to_are_for_a_run_without_a_date(start):
    config = start(**{"from": "2026-03-28", "to": "2026-03-30"})
    assert config["log"]["uri"] == [f"s3://lake/searches/dt=2026-03-{day}/" for day in (28, 29)]


def test_from_and_to_of_a_manual_run_win(start):
    """The UI gives a manual run a logical date, and with it the last complete interval."""
    config = start(interval=DAY, **{"from": "2026-01-05", "to": "2026-01-06"})
    assert config["log"]["uri"] == ["s3://lake/searches/dt=2026-01-05/"]


@pytest.mark.parametrize(
    "log", [None, {"uri": ["a/"], "window": "LOG_WINDOW_FIXED"}, {"uri": ["a/"], "start": "2026-01-01T00:00:00Z"}]
)
def test_a_list_of_queries_and_a_fixed_log_need_no_interval(start, log):
    expected = {"log": {key: log[key] for key in log if key != "window"}} if log else {"fixed": {"text": ["shoes"]}}
    assert start(log) == start(log, interval=DAY) == expected


@pytest.mark.parametrize(
    ("run", "complaint"),
    [
        ({}, r"generate\.log\.window: is the interval of the run, and this run has none; give from and to"),
        # Airflow's runs by a bare cron expression.
        ({"interval": (DAY[0], DAY[0])}, "this run has none"),
        ({"from": "2026-01-05"}, "to: is missing; give from and to"),
        ({"from": "2026-01-06", "to": "2026-01-06"}, "to: 2026-01-06 is not after 2026-01-06"),
        ({"interval": DAY, "run_type": "backfill", "from": "2026-01-05", "to": "2026-01-06"}, "leave out from and to"),
        ({"interval": DAY, "run_type": "scheduled", "to": "2026-01-06"}, "a scheduled run has the days of its own"),
    ],
)
def test_a_run_whose_days_do_not_fit_is_refused(start, operator, run, complaint):
    start(interval=DAY)
    with pytest.raises(AirflowFailException, match=complaint) as caught:
        operator.execute(context(**run))
    assert "docs/runbook.md#interval" in str(caught.value)


def by_asset(*extras):
    """A run that events of an asset started."""
    return {"run_type": "asset_triggered", "events": {"log": [SimpleNamespace(extra=extra) for extra in extras]}}


@pytest.mark.parametrize(
    ("extras", "days"),
    [
        ([{"date": "2026-03-28"}], [28]),
        ([{"from": "2026-03-28", "to": "2026-03-30"}], [28, 29]),
        ([{"date": "2026-03-29"}, {"rows": 5}, {"date": "2026-03-28"}], [28, 29]),
    ],
)
def test_an_asset_s_event_carries_the_day(start, extras, days):
    config = start(**by_asset(*extras))
    assert config["log"]["uri"] == [f"s3://lake/searches/dt=2026-03-{day}/" for day in days]


@pytest.mark.parametrize(
    ("extra", "complaint"),
    [
        ({}, "this run has none"),
        ({"date": "today"}, "extra.date: 'today' is not a day"),
        ({"date": 5}, "extra.date: 5 is not a day"),
        ({"from": "2026-03-28"}, "extra.to: is missing"),
    ],
)
def test_an_event_without_a_day_is_refused(start, operator, extra, complaint):
    start(interval=DAY)
    with pytest.raises(AirflowFailException, match=complaint):
        operator.execute(context(**by_asset(extra)))


def test_clicks_without_a_window_are_found_before_anything_is_paid_for(start, operator):
    """report reads them last."""
    start({"uri": ["a/"], "window": "LOG_WINDOW_FIXED"}, clicks={"uri": ["events/{date}/"]}, interval=DAY)
    with pytest.raises(AirflowFailException, match=r"report\.clicks\.window: is the interval of the run"):
        operator.execute(context())


def test_only_the_window_differs_between_two_dates(operator):
    """The work key is over the configuration: another date is other work, and the same date is the same."""
    stage = dataclasses.replace(operator.stage, config={"log": LOG}, logs=MarketLogs.of({"generate": {"log": LOG}}))

    def flags(day):
        return stage.arguments("r", "", {}, [], "file:///out", GivenDays(f"2026-03-{day}", f"2026-03-{day + 1}"))

    assert flags(28) == flags(28)
    assert flags(28) != flags(29)
