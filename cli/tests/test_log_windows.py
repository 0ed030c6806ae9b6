"""`sq run --from --to`: the interval reaches the logs of every market, or is refused with the fix."""

import json
from pathlib import Path

import pytest

from sq_cli.log_windows import fill_windows, given_days
from sq_cli.run_config import read_run_config
from sq_stagekit import InputError

MARKET = {
    "generate": {
        "source_language": "en",
        "target_language": "en",
        "log": {"uri": ["s3://lake/searches/dt={date}/"]},
        "catalogue": {"uri": "catalogue.ndjson"},
    },
    "retrieve": {
        "opensearch": {"url": "http://127.0.0.1:9200", "index": "all", "search_fields": ["title"]},
        "fields": {"id": "id", "title": "title"},
    },
    "evaluate": {"baseline": {}},
}
DAYS = ("2026-03-28", "2026-03-30")


@pytest.fixture
def read(tmp_path: Path):
    """Reads a configuration of two markets; the fields of `uk` are given."""

    def read(log=None, **uk):
        generate = MARKET["generate"] | ({"log": log} if log else {})
        markets = [{"market": "uk", "generate": generate, **uk}, {"market": "de", "generate": generate}]
        path = tmp_path / "sq.yaml"
        path.write_text(json.dumps({"name": "n", "workspace_uri": "runs", "defaults": MARKET, "markets": markets}))
        return read_run_config(path)

    return read


def test_each_market_reads_its_own_days(read) -> None:
    config = read(log_days={"time_zone": "Europe/London"})
    fill_windows(config, given_days(*DAYS))
    uk, de = (market.generate.log for market in config.markets)
    assert list(uk.uri) == list(de.uri) == [f"s3://lake/searches/dt=2026-03-{day}/" for day in (28, 29)]
    # The second day has 23 hours in London.
    assert (uk.start.ToJsonString(), uk.end.ToJsonString()) == ("2026-03-28T00:00:00Z", "2026-03-29T23:00:00Z")
    assert (de.start.ToJsonString(), de.end.ToJsonString()) == ("2026-03-28T00:00:00Z", "2026-03-30T00:00:00Z")
    assert (uk.time_zone, de.time_zone) == ("Europe/London", "")


def test_clicks_and_searches_have_one_window(read) -> None:
    clicks = {"clicks": {"uri": ["s3://lake/events/"]}}
    config = read(report=clicks, diagnose=clicks)
    fill_windows(config, given_days(*DAYS))
    uk = config.markets[0]
    for log in (uk.report.clicks, uk.diagnose.clicks):
        assert (log.start, log.end) == (uk.generate.log.start, uk.generate.log.end)
    assert not config.markets[1].HasField("report")
    assert not config.markets[1].diagnose.HasField("clicks")


def test_a_plain_log_is_read_whole_without_an_interval(read) -> None:
    config = read({"uri": ["log.ndjson"]})
    before = config.SerializeToString(deterministic=True)
    fill_windows(config, None)
    assert config.SerializeToString(deterministic=True) == before


@pytest.mark.parametrize(
    ("log", "days", "complaint", "fix"),
    [
        (None, ("", ""), "uk: generate.log.window", "give --from and --to, or set window: LOG_WINDOW_FIXED"),
        (None, ("2026-03-28", ""), "--to", "give --from and --to"),
        (None, ("2026-03-28", "2026-03-28"), "--to", "give the day after the last one"),
        (None, ("yesterday", "today"), "--from", "write it as 2026-01-05"),
        ({"uri": ["a/"], "window": "LOG_WINDOW_FIXED"}, DAYS, "--from", "omit --from and --to"),
    ],
)
def test_what_does_not_fit_is_refused(read, log, days, complaint, fix) -> None:
    config = read(log)
    with pytest.raises(InputError) as caught:
        fill_windows(config, given_days(*days))
    assert caught.value.field == complaint
    assert fix in caught.value.fix


def test_an_unknown_time_zone_is_refused_when_the_configuration_is_read(read) -> None:
    with pytest.raises(InputError, match="'Europe/Londonn' is not a time zone") as caught:
        read(log_days={"time_zone": "Europe/Londonn"})
    assert caught.value.field == "uk: log_days.time_zone"
