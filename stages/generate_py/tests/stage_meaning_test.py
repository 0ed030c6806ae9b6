"""What queries mean in words of the catalogue, by the whole stage."""

import json
from pathlib import Path

import pytest
from generate_shop import queries, read, start, tags, write_ndjson


def asked(config, tmp_path, *texts):
    """The queries of a log with these texts, by text."""
    config["log"]["uri"] = [write_ndjson(tmp_path / "asked.ndjson", [{"user_query": text} for text in texts])]
    return {query.source_text: query for query in queries(read(config, tmp_path / "out"))}


def test_a_misspelt_word_is_read_as_the_catalogue_writes_it(shop, tmp_path):
    query = asked(shop, tmp_path, "red shrit")["red shrit"]
    assert (query.text, query.meant_text) == ("red shrit", "red shirt")
    assert tags(query.tags) == [("COLOUR", "red")]
    assert tags(query.intended_tags) == [("COLOUR", "red"), ("CATEGORY", "shirt")]
    assert [(tag.surface, tag.start) for tag in query.intended_tags] == [("red", 0), ("shirt", 4)]
    assert query.known_match_count == 2


def test_words_of_the_catalogue_mean_themselves(shop, tmp_path):
    query = asked(shop, tmp_path, "red shirts")["red shirts"]
    assert query.meant_text == ""
    assert query.intended_tags == query.tags


@pytest.mark.parametrize(
    ("words", "text", "meant"),
    [
        ({}, "cheap hat", "hat"),
        ({}, "comfy hat", ""),
        ({"modifiers": ["Comfy"]}, "comfy hat", "hat"),
        ({"synonyms_uri": "synonyms.txt"}, "red cap", "red hat"),
        ({"dictionary_uri": "words.csv"}, "red hut", "red hat"),
    ],
)
def test_the_lists_of_the_site_are_read(shop, tmp_path, words, text, meant):
    (tmp_path / "synonyms.txt").write_text("cap => hat\n")
    (tmp_path / "words.csv").write_text("source,target\nhut,hat\n")
    shop["words"] = {name: str(tmp_path / value) if name.endswith("_uri") else value for name, value in words.items()}
    assert asked(shop, tmp_path, text)[text].meant_text == meant


def test_a_translated_query_keeps_the_tags_of_its_source(german_shop, tmp_path):
    Path(german_shop["translation"]["glossary"]["uri"]).write_text("source,target\nshirt,hemd\nquick,schnell\n")
    query = asked(german_shop, tmp_path, "quick shirt")["quick shirt"]
    assert (query.text, query.meant_text) == ("schnell hemd", "hemd")
    assert [(tag.value, tag.surface, tag.start) for tag in query.intended_tags] == [("hemd", "shirt", 6)]


def test_a_list_that_cannot_be_read_ends_the_stage(shop, tmp_path, capfd):
    shop["words"] = {"synonyms_uri": "/no/such.txt"}
    assert start(shop, tmp_path / "out") == 2
    assert "words.synonyms_uri" in json.loads(capfd.readouterr().err.splitlines()[-1])["message"]


@pytest.mark.parametrize(
    ("text", "count", "first"),
    [
        ("trail hat", 4, ["p9"]),  # by its tag, those with the other word first
        ("trailing hat", 4, ["p3"]),
        ("trail companions", 2, ["p6", "p8"]),  # no tag: all words, in any form
        ("trail companion zebra", 0, []),
        ("of the", 0, []),
    ],
)
def test_known_matches_hold_the_words_that_no_tag_covers(shop, tmp_path, text, count, first):
    with Path(shop["catalogue"]["uri"]).open("a") as file:
        for product, title in (("p6", "Trail companion"), ("p7", "Trail mix"), ("p8", "The companion of the trail")):
            file.write(json.dumps({"id": product, "title": title}) + "\n")
        file.write(json.dumps({"id": "p9", "title": "Trail hat", "category": "Hats"}) + "\n")
        file.write(json.dumps({"id": "p99", "title": "Hat", "category": "Hats"}) + "\n")
    query = asked({**shop, "known_matches": 5}, tmp_path, text)[text]
    assert query.known_match_count == count
    assert [ref.product_id for ref in query.known_matches][: len(first)] == first
    assert len(query.known_matches) == count
