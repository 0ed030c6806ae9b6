"""A backfill asks today's engine about an old log: the page and report.json show both dates."""

import json
from types import SimpleNamespace

import pytest
from html_outline import Page, words
from markets import planted
from synthetic import report

from sq.v1.manifest_pb2 import Manifest, Provenance
from sq_report.consolidate import consolidate
from sq_report.page import render_json, render_page
from sq_report.run_facts import RunFacts


def artefact(stage, uri, start, end, searched=()):
    made = Provenance(stage=stage, market="uk", searched=searched)
    made.start_time.FromJsonString(start)
    made.end_time.FromJsonString(end)
    return SimpleNamespace(uri=uri, manifest=Manifest(provenance=made))


@pytest.fixture
def facts():
    """Of a run whose second shard was searched a day later."""
    return RunFacts.of(
        "r",
        [
            artefact("generate", "s3://b/generate", "2026-11-20T09:00:00Z", "2026-11-20T09:01:00Z"),
            artefact("retrieve", "s3://b/retrieve/0", "2026-11-25T09:00:00Z", "2026-11-25T09:01:00Z"),
            artefact("retrieve", "s3://b/retrieve/1", "2026-11-26T09:00:00Z", "2026-11-26T09:01:00Z"),
        ],
    )


@pytest.fixture
def market():
    made = report(planted(), judge="baseline/1")
    made.summary.window = "2026-03-02 to 2026-03-08 (Europe/London)"
    return made


def test_the_page_names_the_days_of_the_log_and_of_the_search(market, facts):
    text = words(Page(render_page(consolidate([market]), facts)))
    assert "Log of 2026-03-02 to 2026-03-08 (Europe/London), searched on 2026-11-25 to 2026-11-26." in text


def test_a_run_over_a_whole_log_names_the_search_alone(market, facts):
    market.summary.window = ""
    assert "Searched on 2026-11-25 to 2026-11-26." in words(Page(render_page(consolidate([market]), facts)))


def test_report_json_has_both(market, facts):
    found = json.loads(render_json(market, facts))
    assert found["summary"]["window"] == "2026-03-02 to 2026-03-08 (Europe/London)"
    assert [item["start"] for item in found["searched"]] == ["2026-11-25T09:00:00Z", "2026-11-26T09:00:00Z"]
    assert not market.searched


def test_the_page_of_all_markets_knows_them_from_the_reports(facts):
    """A report is made of answers; consolidate reads the report alone."""
    made = artefact("report", "s3://b/report", "2026-11-27T09:00:00Z", "2026-11-27T09:01:00Z", facts.searched)
    assert RunFacts.of("r", [made]).searched_on("uk") == "2026-11-25 to 2026-11-26"
    assert RunFacts.of("r", [made]).searched_on("de") == ""
