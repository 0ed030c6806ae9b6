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
from sq_sample.market import write_sample
from sq_sample.plans import EVERYTHING, NOTHING
from sq_sample.products import COUNT
from sq_sample.query_log import BROKEN_LINES, ROWS
from sq_sample.words import BRANDS, CATEGORIES, COLOURS, CUSTOMERS_OWN, GENDERS, MATERIALS, Word
from sq_text import canonical

KINDS = {
    "RETRIEVAL_FAILED",
    "TRANSLATION_LOST_TAG",
    "ENTITY_NOT_FOUND",
    "TERM_NOT_RECOGNISED",
    "ATTRIBUTE_WRONG_OR_MISSING",
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
            for part in ("brand", "colour", "material", "category", "gender"):
                assert product[part] in product["title"], product


def test_every_picture_is_there(clean: Sample) -> None:
    for product in clean.documents("catalogue.en.ndjson").values():
        picture = (clean.folder / product["image"]).read_bytes()
        assert picture.startswith(b"<svg ")
        assert len(picture) < 2000


def test_the_index_is_the_catalogue_where_nothing_is_planted(clean: Sample) -> None:
    for market, language in LANGUAGES.items():
        assert clean.documents(f"index.{market}.ndjson") == clean.documents(f"catalogue.{language}.ndjson")
    assert clean.json("planted.json") == []
    assert clean.json("faults.json") == {"markets": {"uk": [], "de": []}}


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


def test_three_failures_of_each_kind_are_planted(broken: Sample) -> None:
    counts = Counter((entry["market"], entry["kind"]) for entry in broken.json("planted.json"))
    assert {kind for market, kind in counts if market == "de"} == KINDS
    assert {kind for market, kind in counts if market == "uk"} == KINDS - {"TRANSLATION_LOST_TAG"}
    assert min(counts.values()) >= 3


def test_planted_classes_have_queries_in_the_log(broken: Sample) -> None:
    logged, _ = logged_queries(broken)
    for entry in broken.json("planted.json"):
        queries = entry["queries"]
        assert len(set(queries)) == len(queries) >= 8, entry["class_id"]
        assert all(query in logged for query in queries)
        assert sum(logged[query] for query in queries) > ROWS / 500, entry["class_id"]


def test_planted_classes_are_named_as_the_pipeline_names_them(broken: Sample) -> None:
    for entry in broken.json("planted.json"):
        kind, _, subject = entry["class_id"].partition("/")
        assert kind == entry["kind"]
        tag_type, _, value = subject.rpartition("=")
        if tag_type:
            language = LANGUAGES[entry["market"]]
            values = {canonical(word.value(language), language) for word in TAG_TYPES[tag_type]}
            assert value in values, entry["class_id"]


@pytest.mark.parametrize("plan", EVERYTHING, ids=lambda plan: plan.market)
def test_planted_attributes_contradict_what_the_title_says(broken: Sample, plan) -> None:
    index = broken.documents(f"index.{plan.market}.ndjson")
    catalogue = broken.documents(f"catalogue.{plan.language}.ndjson")
    values = {word.en: word.value(plan.language) for words in TAG_TYPES.values() for word in words}
    for fault in plan.attributes:
        told = [entry for entry in index.values() if values[fault.value] in entry["title"].replace(",", "").split()]
        wrong = [entry for entry in told if entry.get(fault.part) != values[fault.value]]
        assert len(told) / 2 < len(wrong) < len(told) * 0.75
        assert {entry.get(fault.part) for entry in wrong} == {fault.instead}
        right_at_source = [catalogue[entry["id"]].get(fault.part) == values[fault.value] for entry in wrong]
        assert not any(right_at_source) if fault.in_catalogue else all(right_at_source)


@pytest.mark.parametrize("plan", EVERYTHING, ids=lambda plan: plan.market)
def test_hidden_words_are_in_the_catalogue_and_not_in_the_titles_of_the_index(broken: Sample, plan) -> None:
    index = broken.documents(f"index.{plan.market}.ndjson").values()
    catalogue = broken.documents(f"catalogue.{plan.language}.ndjson").values()
    for hidden in plan.brands:
        assert any(entry["brand"] == hidden.brand for entry in catalogue)
        assert not any(hidden.brand in json.dumps(entry, ensure_ascii=False) for entry in index)
    for hidden in plan.categories:
        word = next(category.value(plan.language) for category in CATEGORIES if category.en == hidden.category)
        assert any(entry["category"] == word for entry in catalogue)
        assert not any(word.lower() in entry["title"].lower() or entry["category"] == word for entry in index)


def test_planted_words_are_known_only_where_nothing_is_planted(broken: Sample, clean: Sample) -> None:
    for sample, known in ((broken, False), (clean, True)):
        for market in LANGUAGES:
            synonyms = (sample.folder / f"synonyms.{market}.txt").read_text(encoding="utf-8")
            gazetteer = (sample.folder / f"gazetteer.{market}.csv").read_text(encoding="utf-8")
            for synonym in CUSTOMERS_OWN:
                word = (synonym.de if market == "de" else synonym.en).lower()
                assert (f"{word} => " in synonyms) == known
                assert (f",{word}," in gazetteer) == known


def test_planted_translations_are_wrong_or_missing(broken: Sample) -> None:
    words = glossary(broken)
    faults = {fault.value: fault.instead for plan in EVERYTHING for fault in plan.translations}
    assert faults == {"red": "rosa", "wool": "Baumwolle", "girls": None}
    assert {value: words.get(value) for value in faults} == faults


def test_a_clean_plan_names_the_same_markets() -> None:
    assert [plan.market for plan in NOTHING] == [plan.market for plan in EVERYTHING]
