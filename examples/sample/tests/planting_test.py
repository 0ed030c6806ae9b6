"""What is planted, in the files that hold it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from written import LANGUAGES, Sample

from sq_cli.run_config import read_run_config
from sq_sample.customers_words import CUSTOMERS_OWN
from sq_sample.german_compounds import compound
from sq_sample.plans import EVERYTHING, NOTHING
from sq_sample.query_log import ROWS
from sq_sample.words import CATEGORIES, MATERIALS

PLANTED = {
    "uk": [
        "MECHANISM/inflection",
        "UNSEARCHED_FIELD/brand",
        "MECHANISM/vocabulary",
        "MECHANISM/modifier",
        "RETRIEVAL_FAILED/MALFORMED",
        "MECHANISM/spelling",
    ],
    "de": [
        "MECHANISM/compound",
        "MECHANISM/translation",
        "DATA_GAP/COLOUR=schwarz",
        "RETRIEVAL_FAILED/REFUSED",
    ],
}


def test_what_is_planted_stands_with_the_most_searches_first(broken: Sample) -> None:
    entries = broken.json("planted.json")
    for market, classes in PLANTED.items():
        of_market = [entry for entry in entries if entry["market"] == market]
        assert [entry["class_id"] for entry in of_market] == classes
        searches = [entry["searches"] for entry in of_market]
        assert searches == sorted(searches, reverse=True)


def test_planted_classes_have_queries_in_the_log(broken: Sample) -> None:
    logged, _ = broken.logged_queries()
    for entry in broken.json("planted.json"):
        queries = entry["queries"]
        assert len(set(queries)) == len(queries) >= 8, entry["class_id"]
        assert all(query in logged for query in queries)
        assert entry["searches"] > ROWS / 150, entry["class_id"]


def test_a_market_searches_all_fields_but_the_planted_one(
    broken: Sample, clean: Sample, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SQ_SEARCH_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("SQ_WORKSPACE", "/nowhere")
    uk, de = searched(broken.folder / "sample.yaml")
    assert set(de) - set(uk) == {"brand^4"}
    assert searched(clean.folder / "sample.yaml") == [de, de]


def searched(config: Path) -> list[list[str]]:
    """The fields that the request of each market searches."""
    bodies = [market.retrieve.opensearch.body_template for market in read_run_config(config).markets]
    return [json.loads(body)["query"]["multi_match"]["fields"] for body in bodies]


def test_planted_attributes_are_missing_where_the_title_tells_the_truth(broken: Sample, clean: Sample) -> None:
    whole = clean.documents("catalogue.de.ndjson")
    for product_id, product in broken.documents("catalogue.de.ndjson").items():
        assert {**whole[product_id], **product} == whole[product_id]
    black = {product_id for product_id, product in whole.items() if product["colour"] == "schwarz"}
    lacking = {
        product_id for product_id, product in broken.documents("index.de.ndjson").items() if "colour" not in product
    }
    assert lacking < black
    assert 0.5 < len(lacking) / len(black) < 0.75


def test_planted_words_are_known_to_the_search_only_where_nothing_is_planted(broken: Sample, clean: Sample) -> None:
    for sample, unknown in ((broken, {"uk"}), (clean, set())):
        for market in LANGUAGES:
            known = (sample.folder / f"synonyms.{market}.txt").read_text(encoding="utf-8")
            own = (sample.folder / f"customers-words.{market}.txt").read_text(encoding="utf-8")
            for synonym in CUSTOMERS_OWN:
                word = (synonym.de if market == "de" else synonym.en).lower()
                assert f"{word} => " in own
                assert (f"{word} => " in known) == (market not in unknown)


def test_planted_translations_are_wrong_or_missing(broken: Sample) -> None:
    words = broken.glossary()
    assert [words.get(value) for value in ("red", "girls", "belt")] == ["rosa", None, "Riemen"]


def test_the_glossary_writes_compounds_as_one_word(clean: Sample) -> None:
    words = clean.glossary()
    assert words["leather jackets"] == "Lederjacke"
    assert words["wool coat"] == "Wollmantel"
    assert compound(MATERIALS[4], CATEGORIES[0]) == "Seidenkleid"


def test_a_clean_plan_names_the_same_markets() -> None:
    assert [plan.market for plan in NOTHING] == [plan.market for plan in EVERYTHING]
