"""The query set of a market in another language, by the whole stage."""

import json
import re
from pathlib import Path

import pytest
from generate_shop import queries, read, start, tags

from sq_llm_server import LlmServer


def test_a_market_in_another_language(german_shop, tmp_path):
    by_text = {query.source_text: query for query in queries(read(german_shop, tmp_path / "out"))}
    shirt = by_text["red shirt"]
    assert (shirt.text, shirt.language, shirt.translated) == ("rotes hemd", "de", True)
    assert tags(shirt.source_tags) == [("COLOUR", "red"), ("CATEGORY", "shirt")]
    assert tags(shirt.intended_tags) == [("COLOUR", "rot"), ("CATEGORY", "hemd")]
    assert tags(shirt.tags) == [("COLOUR", "rot"), ("CATEGORY", "hemd")]
    assert [(tag.surface, tag.start) for tag in shirt.intended_tags] == [("red", 0), ("shirt", 4)]
    assert (shirt.known_match_count, shirt.known_matches[0].product_id) == (2, "p1")
    # The glossary has no "blue": the text loses the tag, the intended tags keep it.
    hat = by_text["blue hat"]
    assert (hat.text, tags(hat.tags)) == ("blue hüte", [("CATEGORY", "hut")])
    assert tags(hat.intended_tags) == [("COLOUR", "blau"), ("CATEGORY", "hut")]


def test_brands_are_not_translated(german_shop, tmp_path):
    Path(german_shop["translation"]["glossary"]["uri"]).write_text("source,target\nacme,gipfel\nshirt,hemd\n")
    by_text = {query.source_text: query for query in queries(read(german_shop, tmp_path / "out"))}
    assert by_text["acme shirt"].text == "acme hemd"


def test_without_a_source_catalogue_the_glossary_gives_the_intended_tags(german_shop, tmp_path):
    del german_shop["source_catalogue"]
    gazetteer = tmp_path / "gazetteer.csv"
    gazetteer.write_text("type,value,surface,language\nCATEGORY,shirt,shirt,en\nCATEGORY,sock,sock,en\n")
    config = {**german_shop, "gazetteer_uri": str(gazetteer)}
    by_text = {query.source_text: query for query in queries(read(config, tmp_path / "out"))}
    assert tags(by_text["shirt"].intended_tags) == [("CATEGORY", "hemd")]
    assert by_text["shirt"].known_match_count == 3


def test_failures_are_records_and_the_counts_add_up(german_shop, tmp_path, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "k")
    with LlmServer() as server:
        endpoint = {"model": "m", "base_url": server.url}
        openai = {"endpoint": endpoint, "batch_size": 2, "budget": {"max_calls": "2"}}
        german_shop["translation"] = {"openai": openai}
        found = read(german_shop, tmp_path / "out")
        failures = [record.failure for record in found if record.HasField("failure")]
        assert (found[0].summary.queries, found[0].summary.failures) == (len(queries(found)), len(failures))
        assert (len(queries(found)), len(server.calls)) == (4, 2)
        assert failures
        # With a budget for the whole log, each stands for itself.
        lost = sum(failure.traffic_share for failure in failures)
        assert found[0].summary.traffic_covered == pytest.approx(1 - lost)
        assert (tmp_path / "out" / "scratch" / "answers.sqlite").is_file()


def test_a_budget_for_no_query_ends_the_stage(german_shop, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("OPENAI_API_KEY", "k")
    with LlmServer() as server:
        endpoint = {"model": "m", "base_url": server.url}
        german_shop["translation"] = {"openai": {"endpoint": endpoint, "budget": {"max_tokens": "1"}}}
        assert start(german_shop, tmp_path / "out") == 2
        error = json.loads(capsys.readouterr().err.splitlines()[-1])
        assert error["field"] == "translation.openai.budget"
        enough = re.search(r"raise it to max_tokens (\d+) or more", error["fix"])[1]
        german_shop["translation"]["openai"]["budget"] = {"max_tokens": enough}
        assert not [record for record in read(german_shop, tmp_path / "out") if record.HasField("failure")]
