"""What a click log in the UBI format is read as."""

from __future__ import annotations

import gzip
import json
import os
from pathlib import Path

import pytest
from click_logs import event, read, rows, search, write

from sq.v1.report_config_pb2 import ClickLog
from sq_report.clicks.log import read_clicks
from sq_report.clicks.table import LogCounts
from sq_stagekit import InputError

SHOWN = [event("s1", "impression", "a", 1), event("s1", "impression", "b", 2), event("s1", "impression", "c", 3)]
CLICK = event("s1", "click", "b")
ABC = [("q1", "a", 1, False), ("q1", "b", 2, True), ("q1", "c", 3, False)]

READ = {
    "impressions and a click": ([search("s1", "dress"), *SHOWN, event("s1", "click", "b", 2)], ABC),
    "events before their query": ([event("s1", "click", "b"), *SHOWN, search("s1", "dress")], ABC),
    "bulk framing": (['{"index": {"_index": "ubi"}}', search("s1", "dress"), *SHOWN, event("s1", "click", "b")], ABC),
    "the text is normalised": ([search("s1", "  DRESS "), *SHOWN, event("s1", "click", "b")], ABC),
    "a query known from its events alone": (
        [event("s1", "impression", "a", 1, user_query="dress"), *SHOWN[1:], event("s1", "click", "b")],
        ABC,
    ),
    "positions from 0": (
        [
            search("s1", "dress"),
            *[event("s1", "impression", p, n) for n, p in enumerate("abc")],
            event("s1", "click", "b"),
        ],
        ABC,
    ),
    "listed hits where no impression is logged": ([search("s1", "dress", "abc"), event("s1", "click", "b", 7)], ABC),
    "logged impressions before listed hits": (
        [search("s1", "dress", "abcdefgh"), *SHOWN, event("s1", "click", "b")],
        ABC,
    ),
    "a product shown twice stands at its highest place": (
        [search("s1", "dress"), event("s1", "impression", "b", 9), *SHOWN, event("s1", "click", "b")],
        ABC,
    ),
    "two clicks on a product are one": (
        [search("s1", "dress"), *SHOWN, event("s1", "click", "b"), event("s1", "click", "b")],
        ABC,
    ),
    "two searches of a session for one text are one": (
        [
            search("s1", "dress", "ab", client="me"),
            search("s2", "Dress", "abc", client="me"),
            event("s2", "click", "b"),
        ],
        ABC,
    ),
    "two searches of two sessions are two": (
        [search("s1", "dress", "a"), search("s2", "dress", "a"), event("s2", "click", "a")],
        [("q1", "a", 1, False), ("q1", "a", 1, True)],
    ),
    "other queries and other actions": (
        [
            search("s0", "hat", "abc"),
            search("s1", "dress"),
            *SHOWN,
            event("s1", "hover", "a"),
            event("s1", "click", "b"),
        ],
        ABC,
    ),
    "two sessions of a client are two": (
        [
            *[search(f"s{n}", "dress", "a", client="me") for n in (1, 2)],
            *[event(f"s{n}", "impression", "a", 1, session_id=f"visit {n}") for n in (1, 2)],
            event("s2", "click", "a", session_id="visit 2"),
        ],
        [("q1", "a", 1, False), ("q1", "a", 1, True)],
    ),
    "sessions that queries name": (
        [
            search("s1", "dress", "a", client="me", session_id=1),
            search("s2", "dress", "a", client="me", session_id=2),
            event("s2", "click", "a"),
        ],
        [("q1", "a", 1, False), ("q1", "a", 1, True)],
    ),
    "sessions of two clients with one id": (
        [search(f"s{n}", "dress", "a", client=f"c{n}", session_id="1") for n in (1, 2)],
        [("q1", "a", 1, False), ("q1", "a", 1, False)],
    ),
    "the specification's names of actions": ([search("s1", "dress"), *SHOWN, event("s1", "click_through", "b")], ABC),
    "as Elasticdump writes it": (
        [{"_index": "ubi", "_id": "1", "_source": one} for one in (search("s1", "dress"), *SHOWN, CLICK)],
        ABC,
    ),
    "the text is unescaped": ([search("s1", "%44ress\u200f"), *SHOWN, CLICK], ABC),
    "numbers as ids": ([search("s1", "dress", [7]), event("s1", "click", 7)], [("q1", "7", 1, True)]),
    "numbers as ids of searches": ([search(1, "dress", "a"), event(1, "click", "a")], [("q1", "a", 1, True)]),
    "ids and actions that are lists": (
        [search("s1", "dress"), *SHOWN, CLICK, event(["s1"], "click", "a"), event("s1", ["click"], "a")],
        ABC,
    ),
    "nothing": ([], []),
}


@pytest.mark.parametrize("case", READ)
def test_read(case: str, tmp_path: Path) -> None:
    documents, expected = READ[case]
    table = read(tmp_path, documents)
    assert rows(table) == expected
    assert table.counts.unmatched_clicks == table.counts.silent_searches == table.counts.broken == 0


def test_what_cannot_be_used_is_counted(tmp_path: Path) -> None:
    table = read(
        tmp_path,
        [
            search("s1", "dress"),
            search("s2", "dress", "a"),
            event("s2", "click", "z"),
            event("s2", "impression", "b"),
            "{broken",
        ],
    )
    assert rows(table) == [("q1", "a", 1, False)]
    assert (table.counts.silent_searches, table.counts.unmatched_clicks, table.counts.broken) == (1, 1, 2)
    assert table.counts.examples == (
        "log.ndjson:5: is not valid JSON: Expecting property name enclosed in double quotes at column 2",
        "log.ndjson:4: is an impression without event_attributes.position.ordinal",
    )


def test_only_the_time_window_counts(tmp_path: Path) -> None:
    documents = [search(f"s{day}", "dress", "a", timestamp=f"2026-03-0{day}T10:00:00Z") for day in range(1, 5)]
    documents += [search("s9", "dress", "a", timestamp="yesterday")]
    table = read(tmp_path, documents, start="2026-03-02T00:00:00Z", end="2026-03-04T00:00:00Z")
    assert len(rows(table)) == 2
    assert table.counts.examples == ("log.ndjson:5: has no timestamp that can be read",)


def test_actions_have_the_names_that_are_given(tmp_path: Path) -> None:
    documents = [search("s1", "dress"), event("s1", "view", "a", 1), event("s1", "item_click", "a"), *SHOWN]
    table = read(tmp_path, documents, click_actions=["item_click", "buy"], impression_actions=["view"])
    assert rows(table) == [("q1", "a", 1, True)]


def test_files_of_a_folder_are_one_log(tmp_path: Path) -> None:
    write(tmp_path / "queries.ndjson", [search("s1", "dress")])
    (tmp_path / "events.ndjson.gz").write_bytes(gzip.compress(json.dumps(SHOWN[0]).encode()))
    table = read_clicks(ClickLog(uri=[f"{tmp_path}/"]), {"dress": "q1"}, lambda: None)
    assert rows(table) == ABC[:1]


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"clicks.uri\[0\]: there is no file .*missing"):
        read_clicks(ClickLog(uri=[str(tmp_path / "missing")]), {}, lambda: None)


def test_the_log_that_opensearch_publishes() -> None:
    data = Path(
        os.environ.get("SQ_SHARED_DATA") or Path(os.environ.get("BUILD_WORKSPACE_DIRECTORY", ".")) / "../shared/data"
    )
    log = data / "ubi/ubi_queries_events.ndjson.gz"
    if not log.exists():
        pytest.skip(f"the UBI log is not on this machine: no {log}; SQ_SHARED_DATA names its folder")
    table = read_clicks(ClickLog(uri=[str(log)]), {"gold": "g", "wireless earbuds": "w", "tv": "t"}, lambda: None)
    # Counted apart from this reader: 35 logged searches of 26 sessions.
    assert (len(table.search_query), len(table.search), int(table.clicked.sum())) == (26, 353, 53)
    assert (table.position.min(), table.position.max()) == (1, 20)
    assert table.counts == LogCounts()


def test_a_session_means_the_same_wherever_it_stands(tmp_path: Path) -> None:
    def log(inside: bool) -> list[dict]:
        found: list[dict] = []
        for number in range(30):
            identity = f"s{number}"
            found.append(search(identity, "dress", "ab", client="me"))
            events = [event(identity, "impression", p, n) for n, p in enumerate("ab", 1)]
            events += [event(identity, "click", "a")] if number % 2 else []
            for one in events:
                (one["event_attributes"] if inside else one)["session_id"] = f"visit {number}"
            found += events
        return found

    inside, top = (read(tmp_path, log(each)) for each in (True, False))
    assert rows(inside) == rows(top)
    assert (inside.sessions, top.sessions, len(inside.search_query), int(inside.clicked.sum())) == (30, 30, 30, 15)
