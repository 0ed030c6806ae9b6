"""The forecast model: query sets of weeks in, the traffic of the weeks to come out, by sq-predict."""

import json
import shutil
from datetime import UTC, timedelta
from pathlib import Path

import pytest

from sq.v1.forecast_pb2 import ForecastRecord
from sq_handoff import ArtefactReader, fetch_manifest
from sq_models import Registry, parse_reference, verified_copy
from sq_models.keys import signing_key
from sq_models.signature import sign
from sq_predict.__main__ import main
from sq_weeks import COATS, FIRST, SMALL, SWIMWEAR, traffic, write_week

MODEL = Path(__file__).parents[1] / "model"


class History:
    """A query set for each week, and the model in a bucket."""

    def __init__(self, folder):
        self.folder = folder
        self.sets = []
        model = shutil.copytree(MODEL, folder / "model", ignore=shutil.ignore_patterns("__pycache__"))
        sign(model, signing_key())
        with verified_copy(str(model), "model") as copy:
            Registry(parse_reference(f"{folder}/bucket/forecast", "model"), "model").register(copy, "v1")

    def add(self, week, segments=None, **changed):
        uri = str(self.folder / f"week-{len(self.sets)}")
        write_week(uri, week, segments or traffic(week), **changed)
        self.sets.append(uri)

    def forecast(self, output="out"):
        config = {"model": f"{self.folder}/bucket/forecast@v1"}
        arguments = ["--run-id", "r", "--market", "uk", "--config", json.dumps(config)]
        arguments += [word for uri in self.sets for word in ("--input", f"queries={uri}")]
        return main([*arguments, "--output", str(self.folder / output)])

    def records(self, output="out"):
        return list(ArtefactReader.open(str(self.folder / output), ForecastRecord))

    def digest(self, output):
        return fetch_manifest(str(self.folder / output)).digest


@pytest.fixture
def history(tmp_path, monkeypatch):
    monkeypatch.setenv("SQ_KEYS", str(tmp_path / "keys"))
    return History(tmp_path)


def test_seasons_of_two_years_are_carried_on(history):
    """The last week of the history is in winter, when coats have most of the traffic; they fall from there."""
    for week in range(112):
        history.add(week)
    assert history.forecast() == 0
    summary, *segments = history.records()
    assert summary.summary.method.startswith("prophet ")
    assert summary.summary.history_weeks == 112
    assert [item.segment.segment_id for item in segments] == [COATS, SWIMWEAR, SMALL, ""]
    assert [item.segment.others for item in segments] == [False, False, False, True]
    for item in segments[:2]:
        weeks = item.segment.weeks
        assert [week.start.ToDatetime(UTC) for week in weeks] == [
            FIRST + timedelta(days=7 * number) for number in range(112, 116)
        ]
        for number, week in enumerate(weeks, 112):
            assert week.searches == pytest.approx(traffic(number)[item.segment.segment_id], rel=0.15)
            assert 0 <= week.low <= week.searches <= week.high


def test_the_same_history_gives_the_same_digest_in_any_order(history):
    for week in range(30):
        history.add(week)
    assert history.forecast("a") == 0
    history.sets.reverse()
    assert history.forecast("b") == 0
    assert history.digest("a") == history.digest("b")


def test_a_segment_that_a_week_lacks_is_among_the_others(history):
    for week in range(30):
        segments = traffic(week)
        if week == 7:
            del segments[SMALL]
        history.add(week, segments)
    assert history.forecast() == 0
    names = {item.segment.segment_id for item in history.records()[1:]}
    assert names == {COATS, SWIMWEAR, ""}
    others = history.records()[-1].segment.weeks[0]
    assert others.searches == pytest.approx(200, rel=0.1)


def told(capfd):
    return json.loads(capfd.readouterr().err.splitlines()[-1])["message"]


def weeks(count, **last):
    return [{"week": week} for week in range(count)] + ([last] if last else [])


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        (weeks(25), "25 weeks are too few for a forecast; give 26 query sets or more"),
        (weeks(26, week=3), "the week from 2024-01-22 overlaps another one"),
        (weeks(26, week=26.5), "overlaps another one"),
        (weeks(26, week=26, length=timedelta(days=1)), "is of 1.0 days; give query sets of seven days each"),
        (weeks(26, week=26, probes=True), "a query set has no time window"),
    ],
)
def test_query_sets_that_are_no_weeks_are_2(history, capfd, given, problem):
    for item in given:
        history.add(**item)
    assert history.forecast() == 2
    assert problem in told(capfd)


def test_a_gap_and_a_change_of_the_clock_do_no_harm(history):
    for week in [*range(20), *range(22, 30)]:
        history.add(week + (1 / 168 if week > 10 else 0))
    assert history.forecast() == 0
    assert history.records()[0].summary.history_weeks == 28


def test_no_fit_is_told(history, capfd):
    for week in range(26):
        history.add(week)
    assert history.forecast() == 0
    lines = capfd.readouterr().err.splitlines()
    assert [json.loads(line)["message"] for line in lines] == ["runs a model", "predicted", "published"]
