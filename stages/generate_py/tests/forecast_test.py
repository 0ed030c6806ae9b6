"""Queries weighed by a forecast: what they stand for changes, and which are taken does not."""

import json

import pytest
from generate_shop import SEARCHES, queries, read, start

from sq.v1.forecast_pb2 import ForecastRecord, SegmentForecast, WeekForecast
from sq.v1.manifest_pb2 import Provenance
from sq_handoff import ArtefactWriter

DAY = 86400
# Searches of the log's segments, and those of the weeks to come: hats rise, shirts fall.
COMING = {"CATEGORY=shirt+COLOUR": 20, "CATEGORY=shirt": 10, "CATEGORY=hat+COLOUR": 40, None: 30}


def publish(folder, traffic, *, first_day=7, weeks=2):
    """A forecast whose weeks each have this traffic; None stands for all others."""
    writer = ArtefactWriter(str(folder), ForecastRecord)
    writer.write(ForecastRecord(summary={"method": "by hand"}))
    for name, searches in traffic.items():
        segment = SegmentForecast(segment_id=name or "", others=name is None)
        for number in range(weeks):
            week = WeekForecast(searches=searches)
            week.start.FromSeconds((first_day + 7 * number) * DAY)
            week.end.FromSeconds((first_day + 7 * number + 7) * DAY)
            segment.weeks.append(week)
        writer.write(ForecastRecord(segment=segment))
    writer.publish(Provenance(stage="test", run_id="r"))
    return str(folder)


def by_segment(records):
    found = {}
    for query in queries(records):
        found[query.segment_id] = found.get(query.segment_id, 0) + query.represents
    return found


def weighed(shop, folder, traffic=COMING, **more):
    config = {**shop, "forecast_uri": publish(folder / "forecast", traffic), **more}
    return read(config, folder / "weighed")


def named(records):
    return {record.segment.segment_id for record in records if record.HasField("segment")}


def test_segments_stand_for_the_traffic_to_come(shop, tmp_path):
    assert set(COMING) - {None} <= named(read(shop, tmp_path / "out"))
    found = by_segment(weighed(shop, tmp_path))
    others = sum(share for name, share in found.items() if name not in COMING)
    shares = {name: pytest.approx(searches / 100) for name, searches in COMING.items() if name}
    assert {name: found[name] for name in shares} == shares
    assert others == pytest.approx(0.3)


def test_within_a_segment_and_among_the_others_proportions_stay(shop, tmp_path):
    before, after = queries(read(shop, tmp_path / "out")), queries(weighed(shop, tmp_path))
    ratio = {old.text: new.represents / old.represents for old, new in zip(before, after, strict=True)}
    assert ratio["red shirt"] == pytest.approx(ratio["red shirts"])
    assert ratio["bolt & co hat"] == pytest.approx(ratio["something else"])
    assert ratio["blue hat"] > 1 > ratio["red shirt"]


def test_the_same_queries_are_taken(shop, tmp_path):
    sets = [read({**shop, "query_budget": 8}, tmp_path / "out"), weighed(shop, tmp_path, query_budget=8)]
    taken = [[(query.query_id, query.draws, query.certain) for query in queries(one)] for one in sets]
    assert taken[0] == taken[1]
    assert sum(query.represents for query in queries(sets[1])) == pytest.approx(1)
    assert sets[1][0].summary.traffic_covered == 1.0
    # The facts of the log stay those of the log.
    assert sets[0][0].summary.searches == sets[1][0].summary.searches


def test_the_window_says_so(shop, tmp_path):
    summary = weighed(shop, tmp_path)[0].summary
    assert summary.window == "all days, weighed by the forecast of 1970-01-08 to 1970-01-21 (UTC)"


def test_weeks_of_the_log_are_left_out(shop, tmp_path):
    log = shop["log"] | {"end": "1970-01-15T00:00:00Z", "columns": {"query": "user_query", "timestamp": "at"}}
    rows = [json.dumps({"user_query": text, "at": "1970-01-10T00:00:00Z"}) for text in SEARCHES for _ in range(5)]
    (tmp_path / "log.ndjson").write_text("\n".join(rows))
    found = weighed({**shop, "log": log}, tmp_path)
    assert found[0].summary.window == (
        "until 1970-01-15 00:00, weighed by the forecast of 1970-01-15 to 1970-01-21 (UTC)"
    )


def test_a_small_segment_that_the_log_lacks_goes_to_the_others(shop, tmp_path):
    found = by_segment(weighed(shop, tmp_path, COMING | {"BRAND=Gone": 5}))
    assert found["CATEGORY=shirt"] == pytest.approx(10 / 105)
    assert sum(share for name, share in found.items() if name not in COMING) == pytest.approx(35 / 105)


def test_no_query_stands_for_nothing(shop, tmp_path):
    found = queries(weighed(shop, tmp_path, COMING | {"CATEGORY=shirt": 0}))
    assert all(query.represents > 0 for query in found)


def told(capfd):
    return json.loads(capfd.readouterr().err.splitlines()[-1])["message"]


@pytest.mark.parametrize(
    ("traffic", "problem"),
    [
        (
            {"BRAND=Other": 80, None: 20},
            "forecast_uri: 80% of the forecast's traffic is of segments that the log lacks",
        ),
        (
            {"CATEGORY=shirt": 100},
            "of the log's traffic is of segments that the forecast lacks, such as BRAND=acme+CATEGORY=shirt",
        ),
        ({None: 0}, "has no traffic after the log's end"),
    ],
)
def test_a_forecast_that_does_not_match_is_2(shop, tmp_path, capfd, traffic, problem):
    uri = publish(tmp_path / "forecast", traffic)
    assert start({**shop, "forecast_uri": uri}, tmp_path / "out") == 2
    message = told(capfd)
    assert problem in message
    assert "make " in message
    assert not (tmp_path / "out/manifest.json").exists()


def test_an_old_forecast_is_2(shop, tmp_path, capfd):
    log = shop["log"] | {"end": "1971-01-01T00:00:00Z", "columns": {"query": "user_query", "timestamp": "at"}}
    uri = publish(tmp_path / "forecast", COMING)
    assert start({**shop, "log": log, "forecast_uri": uri}, tmp_path / "out") == 2
    assert "has no traffic after the log's end; make one from newer query sets" in told(capfd)


def test_a_forecast_that_is_not_there_or_is_something_else_is_2(shop, tmp_path, capfd):
    assert start({**shop, "forecast_uri": str(tmp_path / "nothing")}, tmp_path / "out") == 2
    assert "no artefact is published here" in told(capfd)
    read(shop, tmp_path / "queries")
    capfd.readouterr()
    assert start({**shop, "forecast_uri": str(tmp_path / "queries")}, tmp_path / "out") == 2
    assert "contains sq.v1.QuerySetRecord, not sq.v1.ForecastRecord" in told(capfd)


def test_a_fixed_list_has_no_traffic_to_weigh(shop, tmp_path, capfd):
    del shop["log"]
    config = {**shop, "fixed": {"text": ["hat"]}, "forecast_uri": str(tmp_path)}
    assert start(config, tmp_path / "out") == 2
    assert "forecast_uri needs log" in told(capfd)
