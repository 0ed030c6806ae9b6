"""How the window of a run reaches the logs of a market, and which logs keep their own."""

import pytest

from sq_interval import GivenDays, IntervalError, MarketLogs

DAY = GivenDays("2026-01-05", "2026-01-06")
TWO = GivenDays("2026-01-05", "2026-01-07")
TIMES = {"start": "2026-01-05T00:00:00Z", "end": "2026-01-06T00:00:00Z"}


def logs(log, days=None, clicks=None):
    market = {"generate": {"log": log}, "log_days": days or {}}
    stages = ("report", "diagnose") if clicks else ()
    return MarketLogs.of(market | {stage: {"clicks": clicks} for stage in stages})


def filled(log, interval, days=None, whole=False):
    return logs(log, days).filled(interval, whole=whole)["generate"]


@pytest.mark.parametrize(
    ("uri", "days", "interval", "expected"),
    [
        (["s3://lake/dt={date}/"], {}, DAY, ["s3://lake/dt=2026-01-05/"]),
        (["s3://lake/dt={date}/"], {}, TWO, ["s3://lake/dt=2026-01-05/", "s3://lake/dt=2026-01-06/"]),
        (["/logs/{date:%Y/%m/%d}.csv"], {}, DAY, ["/logs/2026/01/05.csv"]),
        # A month is named once for its days.
        (["/logs/{date:%Y-%m}.csv"], {}, TWO, ["/logs/2026-01.csv"]),
        (["a/{date}/", "b/"], {}, TWO, ["a/2026-01-05/", "a/2026-01-06/", "b/"]),
        # Several days back.
        (["a/{date}/"], {"days": 3}, DAY, ["a/2026-01-03/", "a/2026-01-04/", "a/2026-01-05/"]),
        # A day in Berlin is part of two days of a lake in UTC.
        (
            ["a/{date}/"],
            {"time_zone": "Europe/Berlin", "uri_time_zone": "UTC"},
            DAY,
            ["a/2026-01-04/", "a/2026-01-05/"],
        ),
    ],
)
def test_a_uri_with_a_date_names_the_days_of_the_window(uri, days, interval, expected):
    assert filled({"uri": uri}, interval, days)["uri"] == expected


def test_a_log_without_a_window_takes_that_of_the_run():
    assert filled({"uri": ["a/"]}, DAY) == {"uri": ["a/"], **TIMES}


def test_the_page_names_the_market_s_time_zone():
    assert filled({"uri": ["a/"]}, DAY, {"time_zone": "Europe/London"})["time_zone"] == "Europe/London"


def test_clicks_take_the_same_window():
    found = logs({"uri": ["a/"]}, clicks={"uri": ["c/{date}/"], "minimum_impressions": 5}).filled(DAY, whole=False)
    assert found["report"] == {"uri": ["c/2026-01-05/"], "minimum_impressions": 5, **TIMES}
    assert found["diagnose"] == found["report"]


@pytest.mark.parametrize(
    "log",
    [
        {"uri": ["a/"], "window": "LOG_WINDOW_FIXED"},
        {"uri": ["a/"], "start": TIMES["start"]},
        {"uri": ["a/"], **TIMES, "window": "LOG_WINDOW_FIXED"},
    ],
)
@pytest.mark.parametrize("interval", [None, TWO])
def test_a_fixed_log_is_the_same_for_every_run(log, interval):
    assert filled(log, interval) == {key: value for key, value in log.items() if key != "window"}
    assert not logs(log).any_follows


def test_a_fixed_log_by_day_has_the_days_of_its_own_window():
    assert filled({"uri": ["a/{date}/"], **TIMES}, TWO) == {"uri": ["a/2026-01-05/"], **TIMES}


def test_files_by_day_need_no_column_of_times():
    log = {"uri": ["a/{date}.csv"], "window": "LOG_WINDOW_FILES"}
    assert filled(log, DAY) == {"uri": ["a/2026-01-05.csv"], "window": "LOG_WINDOW_FILES", **TIMES}


@pytest.mark.parametrize("log", [{"uri": ["a/{date}/"]}, {"uri": ["a/"], "window": "LOG_WINDOW_RUN"}])
@pytest.mark.parametrize("whole", [True, False])
def test_a_run_without_an_interval_is_refused(log, whole):
    with pytest.raises(
        IntervalError, match=r"generate\.log\.window: is the interval of the run, and this run has none"
    ):
        filled(log, None, whole=whole)


def test_a_log_that_says_nothing_is_read_whole_only_where_that_is_allowed():
    assert filled({"uri": ["a/"]}, None, whole=True) == {"uri": ["a/"]}
    with pytest.raises(IntervalError, match="give from and to, or set window: LOG_WINDOW_FIXED"):
        filled({"uri": ["a/"]}, None)


@pytest.mark.parametrize(
    ("log", "days", "complaint"),
    [
        ({"uri": ["a/{date:%H}/"]}, {}, r"{date:%H} is not a form of a date; use %Y, %m, %d and %j"),
        ({"uri": ["a/{date:day}/"]}, {}, "{date:day} is not a form of a date"),
        ({"uri": ["a/{date}/"]}, {"days": 400}, None),
        ({"uri": ["a/{date}/", "b/"]}, {"days": 400}, "names 401 files or prefixes for 2024-12-02 to 2026-01-05"),
        ({"uri": ["a/"], "window": "LOG_WINDOW_FILES"}, {}, "has a place without a day, but window is"),
        ({"uri": ["a/{date:%Y-%m}"], "window": "LOG_WINDOW_FILES"}, {}, "has a place without a day"),
        (
            {"uri": ["a/{date}"], "window": "LOG_WINDOW_FILES"},
            {"uri_time_zone": "Asia/Tokyo"},
            "whole days of the files",
        ),
        ({"uri": ["a/{date}"], "window": "LOG_WINDOW_FIXED"}, {}, "holds {date}, and the window is fixed"),
        ({"uri": ["a/"]}, {"timezone": "UTC"}, "log_days.timezone: is not a known field"),
    ],
)
def test_what_does_not_fit_is_refused(log, days, complaint):
    if complaint is None:
        assert len(filled(log, DAY, days)["uri"]) == 400
        return
    with pytest.raises(IntervalError) as caught:
        filled(log, DAY, days)
    assert complaint in str(caught.value)


def test_only_the_stages_that_read_a_log_change():
    market = logs({"uri": ["a/"]})
    assert market.applied_to("evaluate", {"baseline": {}}, DAY, whole=False) == {"baseline": {}}
    changed = market.applied_to("generate", {"log": {"uri": ["a/"]}, "seed": 1}, DAY, whole=False)
    assert changed == {"log": {"uri": ["a/"], **TIMES}, "seed": 1}


def test_a_list_of_queries_needs_no_interval():
    market = MarketLogs.of({"generate": {"fixed": {"text": ["shoes"]}}})
    assert market.filled(None, whole=False) == {}
    assert not market.any_follows
