"""The window of a run: whole local days, also where the clocks change."""

from datetime import UTC, datetime, timedelta

import pytest

from sq_interval import DataInterval, GivenDays, IntervalError, LogDays

LONDON = LogDays(time_zone="Europe/London")


def interval(start, end):
    return DataInterval(datetime.fromisoformat(start), datetime.fromisoformat(end))


def utc(window):
    return window.start.isoformat()[:16], window.end.isoformat()[:16]


@pytest.mark.parametrize(
    ("zone", "given", "expected"),
    [
        # A schedule at four reads the day before.
        ("", ("2026-01-05T04:00+00:00", "2026-01-06T04:00+00:00"), ("2026-01-05T00:00", "2026-01-06T00:00")),
        (
            "Europe/Berlin",
            ("2026-01-05T04:00+01:00", "2026-01-12T04:00+01:00"),
            ("2026-01-04T23:00", "2026-01-11T23:00"),
        ),
        # The day has 23 hours: the clocks go forward.
        (
            "Europe/London",
            ("2026-03-29T04:00+01:00", "2026-03-30T04:00+01:00"),
            ("2026-03-29T00:00", "2026-03-29T23:00"),
        ),
        # 25 hours: back.
        (
            "Europe/London",
            ("2026-10-25T04:00+00:00", "2026-10-26T04:00+00:00"),
            ("2026-10-24T23:00", "2026-10-26T00:00"),
        ),
        # The clocks skip midnight: the day begins at one.
        (
            "America/Santiago",
            ("2026-09-06T10:00+00:00", "2026-09-07T10:00+00:00"),
            ("2026-09-06T04:00", "2026-09-07T03:00"),
        ),
        # The schedule is in another zone: each market reads a day of its own that has ended.
        (
            "America/Los_Angeles",
            ("2026-01-05T04:00+00:00", "2026-01-06T04:00+00:00"),
            ("2026-01-04T08:00", "2026-01-05T08:00"),
        ),
    ],
)
def test_an_interval_is_whole_local_days(zone, given, expected):
    assert utc(interval(*given).window(LogDays(time_zone=zone))) == expected


@pytest.mark.parametrize("zone", ["", "Europe/London", "America/Santiago", "Asia/Kathmandu", "Pacific/Apia"])
def test_windows_of_a_year_neither_overlap_nor_leave_a_gap(zone):
    first = datetime(2026, 1, 1, 4, tzinfo=UTC)
    windows = [
        DataInterval(first + timedelta(days=n), first + timedelta(days=n + 1)).window(LogDays(time_zone=zone))
        for n in range(365)
    ]
    for number, (one, following) in enumerate(zip(windows, windows[1:], strict=False)):
        assert one.start < one.end == following.start
        assert one.end <= first + timedelta(days=number + 1), "the window has not ended when its run begins"


def test_exact_takes_the_interval_to_the_second():
    found = interval("2026-03-29T00:30+00:00", "2026-03-29T01:30+00:00").window(LogDays("Europe/London", exact=True))
    assert utc(found) == ("2026-03-29T00:30", "2026-03-29T01:30")


def test_several_days_back_end_with_the_interval():
    found = interval("2026-03-30T04:00+01:00", "2026-03-31T04:00+01:00").window(LogDays("Europe/London", days=7))
    # Seven days by the calendar, of which one has 23 hours.
    assert utc(found) == ("2026-03-24T00:00", "2026-03-30T23:00")


def test_an_interval_without_a_whole_day_is_refused():
    with pytest.raises(IntervalError, match=r"holds no whole day of Europe/London; schedule whole days, or .*exact"):
        interval("2026-01-05T04:00+00:00", "2026-01-05T05:00+00:00").window(LONDON)


@pytest.mark.parametrize(
    ("first", "end", "days", "expected"),
    [
        ("2026-03-29", "2026-03-30", LONDON, ("2026-03-29T00:00", "2026-03-29T23:00")),
        ("2026-01-05", "2026-01-12", LogDays(), ("2026-01-05T00:00", "2026-01-12T00:00")),
        (
            "2026-07-01T04:00",
            "2026-07-01T05:30:00Z",
            LogDays("Europe/London", exact=True),
            ("2026-07-01T03:00", "2026-07-01T05:30"),
        ),
    ],
)
def test_given_days_are_the_market_s(first, end, days, expected):
    assert utc(GivenDays(first, end).window(days)) == expected


@pytest.mark.parametrize(
    ("first", "end", "complaint"),
    [
        ("2026-01-05", "2026-01-05", "to: 2026-01-05 is not after 2026-01-05; give the day after the last one"),
        ("2026-01-05", "", "to: is missing; give from and to"),
        ("", "2026-01-05", "from: is missing; give from and to"),
        ("2026-02-30", "2026-03-05", "from: '2026-02-30' is not a day; write it as 2026-01-05"),
        ("5.1.2026", "2026-03-05", "from: '5.1.2026' is not a day"),
        ("2026-01-05T04:00", "2026-01-06", "from: 2026-01-05T04:00 is a time of day; give a day, or set log_days"),
    ],
)
def test_bad_days_are_refused(first, end, complaint):
    with pytest.raises(IntervalError) as caught:
        GivenDays(first, end).window(LONDON)
    assert str(caught.value).startswith(complaint)


def test_an_unknown_time_zone_is_named():
    with pytest.raises(IntervalError, match="log_days.time_zone: 'Europe/Londonn' is not a time zone"):
        GivenDays("2026-01-05", "2026-01-06").window(LogDays("Europe/Londonn"))
