"""What the sample promises to whoever builds on it."""

from __future__ import annotations

import csv
import gzip
import hashlib
import json
from collections import Counter
from datetime import datetime
from pathlib import Path

import pytest
from written import SEED, Sample

from sq_cli.run_config import read_run_config
from sq_sample.brands import BRANDS
from sq_sample.customers_words import CUSTOMERS_OWN, INTENTS
from sq_sample.german_compounds import compound
from sq_sample.market import write_sample
from sq_sample.plans import EVERYTHING, NOTHING
from sq_sample.products import COUNT
from sq_sample.query_log import BROKEN_LINES, ROWS
from sq_sample.words import CATEGORIES, COLOURS, GENDERS, MATERIALS, Word
from sq_text import canonical

PLANTED = {
    "uk": [
        "MECHANISM/inflection",
        "UNSEARCHED_FIELD/brand",
        "MECHANISM/vocabulary",
        "MECHANISM/modifier",
        "RETRIEVAL_FAILED/MALFORMED",
    ],
    "de": [
        "MECHANISM/compound",
        "MECHANISM/translation",
        "DATA_GAP/COLOUR=schwarz",
        "RETRIEVAL_FAILED/REFUSED",
    ],
}
TAG_TYPES: dict[str, tuple[Word, ...]] = {
    "BRAND": BRANDS,
    "CATEGORY": CATEGORIES,
    "COLOUR": COLOURS,
    "MATERIAL": MATERIALS,
    "GENDER": GENDERS,
}
LANGUAGES = {"uk": "en", "de": "de"}


def digests(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def log_lines(sample: Sample, name: str) -> list[str]:
    with gzip.open(sample.folder / "log" / name, "rt", encoding="utf-8") as file:
        return file.read().splitlines()


def logged_queries(sample: Sample) -> tuple[Counter[str], int]:
    """Searches by text, and the number of lines that are no query."""
    queries, broken = Counter(), 0
    for line in log_lines(sample, "ubi_queries.ndjson.gz"):
        try:
            queries[json.loads(line)["user_query"]] += 1
        except (ValueError, TypeError):
            broken += 1
    return queries, broken


def glossary(sample: Sample) -> dict[str, str]:
    with (sample.folder / "glossary.en-de.csv").open(encoding="utf-8", newline="") as file:
        return {row["source"]: row["target"] for row in csv.DictReader(file)}


def test_the_same_seed_gives_the_same_bytes(broken: Sample, tmp_path: Path) -> None:
    write_sample(tmp_path, SEED, EVERYTHING)
    assert digests(tmp_path) == digests(broken.folder)


def test_another_seed_gives_another_shop(broken: Sample, tmp_path: Path) -> None:
    write_sample(tmp_path, SEED + 1, EVERYTHING)
    other = digests(tmp_path)
    assert other["catalogue.en.ndjson"] != digests(broken.folder)["catalogue.en.ndjson"]
    assert other["log/ubi_queries.ndjson.gz"] != digests(broken.folder)["log/ubi_queries.ndjson.gz"]


def test_both_catalogues_hold_the_same_products(clean: Sample) -> None:
    english, german = clean.documents("catalogue.en.ndjson"), clean.documents("catalogue.de.ndjson")
    assert len(english) == COUNT
    assert english.keys() == german.keys()
    for product_id, product in english.items():
        assert product["price"] == german[product_id]["price"]
        assert product["sizes"] == german[product_id]["sizes"]


def test_every_product_names_its_values_in_its_title(clean: Sample) -> None:
    for language in ("en", "de"):
        for product in clean.documents(f"catalogue.{language}.ndjson").values():
            for part in ("colour", "material", "category", "gender"):
                assert product[part].lower() in product["title"].lower(), product
            assert product["brand"] not in product["title"]


def test_every_picture_is_there(clean: Sample) -> None:
    for product in clean.documents("catalogue.en.ndjson").values():
        picture = (clean.folder / product["image"]).read_bytes()
        assert picture.startswith(b"<svg ")
        assert len(picture) < 2000


def test_the_index_is_the_catalogue(broken: Sample, clean: Sample) -> None:
    for sample in (broken, clean):
        for market, language in LANGUAGES.items():
            assert sample.documents(f"index.{market}.ndjson") == sample.documents(f"catalogue.{language}.ndjson")


def test_nothing_is_broken_where_nothing_is_planted(clean: Sample) -> None:
    assert clean.json("planted.json") == []
    assert clean.json("faults.json") == {"markets": {"uk": [], "de": []}}
    for market in clean.json("searchd.json")["markets"]:
        assert market["without"] == []
        assert market["ignored"] == [word.value(market["language"]).lower() for word in INTENTS]


def test_traffic_and_pictures_are_the_same_whatever_is_planted(broken: Sample, clean: Sample) -> None:
    def same(sample: Sample) -> dict[str, str]:
        return {name: digest for name, digest in digests(sample.folder).items() if name.startswith(("log", "pict"))}

    assert same(broken) == same(clean)


@pytest.mark.parametrize("language", ["en", "de"])
def test_no_two_values_of_a_language_are_one_word(language: str) -> None:
    values = Counter(canonical(word.value(language), language) for words in TAG_TYPES.values() for word in words)
    assert [value for value, count in values.items() if count > 1] == []


def test_the_glossary_has_the_german_word_of_every_value(clean: Sample) -> None:
    words = glossary(clean)
    for word in (*CATEGORIES, *COLOURS, *MATERIALS, *GENDERS):
        for source in (word.en, *word.spellings):
            assert words[source] == word.de


def test_the_log_has_its_rows_and_broken_lines(clean: Sample) -> None:
    queries, broken = logged_queries(clean)
    assert (sum(queries.values()), broken) == (ROWS, BROKEN_LINES)


def test_traffic_has_a_head_and_a_tail(clean: Sample) -> None:
    queries, _ = logged_queries(clean)
    counts = sorted(queries.values(), reverse=True)
    assert sum(counts[: len(counts) // 10]) > ROWS / 2
    assert sum(count == 1 for count in counts) > len(counts) / 4


def test_events_follow_the_queries_they_belong_to(clean: Sample) -> None:
    asked = {}
    for line in log_lines(clean, "ubi_queries.ndjson.gz"):
        if line.startswith("{") and line.endswith("}"):
            query = json.loads(line)
            asked[query["query_id"]] = query
    products = clean.documents("catalogue.en.ndjson")
    events = [json.loads(line) for line in log_lines(clean, "ubi_events.ndjson.gz")]
    assert {event["action_name"] for event in events} == {"click", "add_to_cart"}
    assert 0.3 < sum(event["action_name"] == "click" for event in events) / ROWS < 0.4
    for event in events:
        query = asked[event["query_id"]]
        assert (event["client_id"], event["user_query"]) == (query["client_id"], query["user_query"])
        assert datetime.fromisoformat(event["timestamp"]) > datetime.fromisoformat(query["timestamp"])
        assert event["event_attributes"]["object"]["object_id"] in products


def test_the_run_configuration_is_one(broken: Sample, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SQ_SEARCH_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("SQ_WORKSPACE", "/nowhere")
    uk, de = read_run_config(broken.folder / "sample.yaml").markets
    assert (uk.market, uk.retrieve.opensearch.index) == ("uk", "uk")
    assert (de.market, de.generate.target_language) == ("de", "de")
    for place in (
        uk.generate.catalogue.uri,
        uk.generate.gazetteer_uri,
        de.generate.translation.glossary.uri,
        *de.generate.log.uri,
    ):
        assert Path(place).exists()


def test_what_is_planted_stands_with_the_most_searches_first(broken: Sample) -> None:
    entries = broken.json("planted.json")
    for market, classes in PLANTED.items():
        of_market = [entry for entry in entries if entry["market"] == market]
        assert [entry["class_id"] for entry in of_market] == classes
        searches = [entry["searches"] for entry in of_market]
        assert searches == sorted(searches, reverse=True)


def test_planted_classes_have_queries_in_the_log(broken: Sample) -> None:
    logged, _ = logged_queries(broken)
    for entry in broken.json("planted.json"):
        queries = entry["queries"]
        assert len(set(queries)) == len(queries) >= 8, entry["class_id"]
        assert all(query in logged for query in queries)
        assert entry["searches"] > ROWS / 100, entry["class_id"]


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
    lacking = {product_id for product_id, product in broken.documents("index.de.ndjson").items() if "colour" not in product}
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
    words = glossary(broken)
    assert [words.get(value) for value in ("red", "girls", "belt")] == ["rosa", None, "Riemen"]


def test_the_glossary_writes_compounds_as_one_word(clean: Sample) -> None:
    words = glossary(clean)
    assert words["leather jackets"] == "Lederjacke"
    assert words["wool coat"] == "Wollmantel"
    assert compound(MATERIALS[4], CATEGORIES[0]) == "Seidenkleid"


def test_a_clean_plan_names_the_same_markets() -> None:
    assert [plan.market for plan in NOTHING] == [plan.market for plan in EVERYTHING]
