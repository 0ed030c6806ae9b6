"""The time window of a log: what the summary says of it, and what is refused before it is filled in."""

import pytest
from generate_shop import english_shop, read, start, write_ndjson
from google.protobuf import json_format

from sq.v1.generate_config_pb2 import QueryLog
from sq_generate.log_window import window_of
from sq_generate.query_log import first_rows

DAY = {"start": "2026-03-29T00:00:00Z", "end": "2026-03-29T23:00:00Z"}


def summary_of(log):
    return window_of(json_format.ParseDict(log, QueryLog()))


@pytest.mark.parametrize(
    ("log", "words"),
    [
        ({}, ""),
        # 23 hours: the clocks go forward on this day.
        ({**DAY, "time_zone": "Europe/London"}, "2026-03-29 (Europe/London)"),
        (DAY, "2026-03-29 00:00 to 2026-03-29 23:00 (UTC)"),
        ({"start": "2026-01-05T00:00:00Z", "end": "2026-01-12T00:00:00Z"}, "2026-01-05 to 2026-01-11 (UTC)"),
        ({"start": "2026-01-05T00:00:00Z"}, "from 2026-01-05 00:00 (UTC)"),
        ({"end": "2026-01-05T04:30:00Z"}, "until 2026-01-05 04:30 (UTC)"),
    ],
)
def test_the_window_in_words(log, words):
    assert summary_of(log).window == words


def rows(day, text, count):
    return [{"user_query": text, "timestamp": f"{day}T12:00:00Z"}] * count


def test_two_windows_of_one_log_are_two_query_sets(tmp_path):
    shop = english_shop(tmp_path)
    log = rows("2026-03-28", "red shirt", 3) + rows("2026-03-29", "blue hat", 5)
    shop["log"]["uri"] = [write_ndjson(tmp_path / "days.ndjson", log)]
    before = {"start": "2026-03-28T00:00:00Z", "end": "2026-03-29T00:00:00Z"}
    found = [
        read({**shop, "log": shop["log"] | window}, tmp_path / name)[0].summary
        for name, window in (("one", before), ("two", DAY), ("whole", {}))
    ]
    assert [item.searches for item in found] == [3, 5, 8]
    assert [item.window for item in found] == ["2026-03-28 (UTC)", "2026-03-29 00:00 to 2026-03-29 23:00 (UTC)", ""]
    assert (found[0].start.ToJsonString(), found[0].end.ToJsonString()) == (before["start"], before["end"])


def test_files_by_day_are_read_without_a_column_of_times(tmp_path):
    shop = english_shop(tmp_path)
    found = read({**shop, "log": shop["log"] | DAY | {"window": "LOG_WINDOW_FILES"}}, tmp_path / "out")[0].summary
    assert found.searches == 103
    assert found.window


@pytest.mark.parametrize(
    ("log", "complaint"),
    [
        ({"window": "LOG_WINDOW_RUN"}, "log.window"),
        ({"window": "LOG_WINDOW_FILES"}, "log.window"),
        ({"uri": ["/logs/{date}/"]}, "holds a date that is not filled in"),
        ({**DAY, "time_zone": "Europe/Londonn"}, "log.time_zone"),
        ({**DAY, "window": "LOG_WINDOW_RUN"}, "LOG_WINDOW_RUN takes start and end from the run"),
    ],
)
def test_a_log_that_is_not_filled_in_is_refused(log, complaint, tmp_path, capfd):
    shop = english_shop(tmp_path)
    assert start({**shop, "log": shop["log"] | log}, tmp_path / "out") == 2
    assert complaint in capfd.readouterr().err
    assert not (tmp_path / "out").exists()


def test_first_rows_end_after_as_many_rows_at_any_time_or_broken_lines_as_were_asked_for(tmp_path):
    uri = write_ndjson(tmp_path / "days.ndjson", rows("2026-03-28", "red shirt", 50))
    log = json_format.ParseDict({"uri": [uri], "start": "2030-01-01T00:00:00Z"}, QueryLog())
    found, reader = first_rows(log, uri, 20)
    assert (found, reader.counts.broken) == ([("red shirt", 1)] * 20, 0)
    (tmp_path / "days.ndjson").write_text("}\n" * 50)
    found, reader = first_rows(log, uri, 20)
    assert (found, reader.counts.broken) == ([], 20)
