"""What a run adds to the history, and what the page says of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from histories import MADE, SUNDAY, market, own, weekly
from html_outline import Page, words
from markets import planted
from synthetic import report

from sq.v1.manifest_pb2 import ModelUsage
from sq_history import Interval, Row, Scope, Snapshot, Unread
from sq_report.consolidate import consolidate
from sq_report.history_rows import rows_of
from sq_report.page import render_page
from sq_report.trend import Trend


def page(trend: Trend) -> Page:
    return Page(render_page(consolidate([market()]), trends={"uk": trend}))


def snapshot(rows: list[Row], *unread: Unread) -> Snapshot:
    return Snapshot("s3://lake/history", tuple(rows), unread, tuple((row.run_id, "0" * 64) for row in rows))


def test_a_report_gives_a_row_for_the_market_and_for_each_segment_and_class() -> None:
    made = report(planted())
    usage = (ModelUsage(market="uk", calls=3, usd=0.25), ModelUsage(market="de", calls=9, usd=9))
    rows = rows_of(made, replace(MADE, model_usage=usage))
    assert [row.name for row in rows if row.scope == Scope.SEGMENT] == [item.segment_id for item in made.segments]
    assert [row.name for row in rows if row.scope == Scope.CLASS] == [item.class_id for item in made.failure_classes]
    whole, claimed = rows[0], next(row for row in rows if row.name == "MECHANISM/inflection")
    assert (whole.scope, whole.calls, whole.usd) == (Scope.MARKET, 3, 0.25)
    assert whole.ndcg.value == made.overall.ndcg.value
    assert whole.measured_share == made.coverage.measured
    assert (claimed.claimed, claimed.ndcg, claimed.usd) == (True, None, None)
    assert claimed.gain.low == made.failure_classes[0].gain.low


def test_the_date_is_the_last_local_day_of_the_log_and_the_engine_may_have_been_asked_later() -> None:
    assert (own().interval_date, own().asked_on) == (SUNDAY, date(2026, 7, 1))
    assert own().interval_end == datetime(2026, 1, 12, 5, tzinfo=UTC)


def test_without_a_window_the_date_is_that_of_the_search_and_without_both_there_are_no_rows() -> None:
    made = report(planted())
    assert rows_of(made, MADE)[0].interval_date == date(2026, 7, 1)
    assert rows_of(made, replace(MADE, asked_on=None)) == []


def test_the_page_draws_each_run_with_its_interval_and_names_the_snapshot() -> None:
    past = weekly([own().ndcg.value] * 8)
    made = page(Trend.of(snapshot(past), own()))
    assert len(made.all("circle")) == 9
    (table,) = [table for table in made.tables if "runs of the history" in table.caption]
    assert [row[:3] for row in table.rows[:2]] == [
        ["2026-01-11", "2026-07-01", "w7"],
        ["2026-01-11", "2026-07-01", "this"],
    ]
    assert "8 runs were read from s3://lake/history when this page was made" in words(made)
    assert snapshot(past).digest[:19] in words(made)
    assert "points with the log" not in words(made)


def test_a_drop_is_named_with_its_date_and_size() -> None:
    before = own().ndcg.value + 0.06
    past = weekly([*[before] * 10, own().ndcg.value, own().ndcg.value])
    past[-2:] = [replace(row, program_digest="sha256:later") for row in past[-2:]]
    made = words(page(Trend.of(snapshot(past[:-1]), replace(own(), ndcg=past[-1].ndcg, program_digest="sha256:later"))))
    day = SUNDAY - timedelta(weeks=1)
    assert "fell by about" in made
    assert f"points with the log of {day}" in made
    assert "The program that made the report changed there, too." in made


def test_runs_of_another_judge_or_cut_off_are_counted_and_left_out() -> None:
    past = weekly([0.7] * 4)
    past[0], past[1] = replace(past[0], judge="people/1"), replace(past[1], k=5)
    trend = Trend.of(snapshot(past), own())
    assert [row.run_id for row in trend.runs] == ["w2", "this", "w3"]
    assert "2 of them have another judge or k and are left out" in words(page(trend))


def test_the_first_run_has_nothing_to_be_compared_with() -> None:
    made = page(Trend.of(snapshot([]), own()))
    assert made.all("svg") == []
    assert "The history has no other run to compare this one with." in words(made)


def test_runs_without_a_figure_or_an_interval_stand_in_the_table_and_are_no_change() -> None:
    past = weekly([0.7] * 9)
    past[7] = replace(past[7], ndcg=None, measured_share=0.0)
    past[8] = replace(past[8], ndcg=Interval(0.1))
    trend = Trend.of(snapshot(past), replace(own(), ndcg=past[0].ndcg))
    made = page(trend)
    assert trend.changes == ()
    assert len(made.all("circle")) == 9
    (table,) = [table for table in made.tables if "runs of the history" in table.caption]
    assert {row[2]: row[3] for row in table.rows}["w7"] == "–"
    assert {row[2]: row[3] for row in table.rows}["w8"] == "(0.10)"


def test_what_was_not_read_is_said() -> None:
    hostile = Unread("date=x/<script>", "</bdi><script>")
    made = page(Trend.of(snapshot(weekly([0.7] * 3), hostile), own()))
    assert "Not read from the history: date=x/<script>: </bdi><script>." in words(made)
    assert made.all("script") == []


def test_without_a_history_the_page_says_nothing_of_one() -> None:
    assert b"Over time" not in render_page(consolidate([market()]))
