"""What the sample promises to whoever builds on it."""

from __future__ import annotations

import csv
import hashlib
import json
from collections import Counter
from datetime import datetime
from pathlib import Path

import pytest
from written import LANGUAGES, SEED, Sample

from sq_cli.run_config import read_run_config
from sq_sample.brands import BRANDS
from sq_sample.customers_words import INTENTS
from sq_sample.market import write_sample
from sq_sample.plans import EVERYTHING
from sq_sample.products import COUNT
from sq_sample.query_log import BROKEN_LINES, ROWS
from sq_sample.words import CATEGORIES, COLOURS, GENDERS, MATERIALS, Word
from sq_text import canonical

TAG_TYPES: dict[str, tuple[Word, ...]] = {
    "BRAND": BRANDS,
    "CATEGORY": CATEGORIES,
    "COLOUR": COLOURS,
    "MATERIAL": MATERIALS,
    "GENDER": GENDERS,
}


def digests(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


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
    words = clean.glossary()
    for word in (*CATEGORIES, *COLOURS, *MATERIALS, *GENDERS):
        for source in (word.en, *word.spellings):
            assert words[source] == word.de


def test_the_log_has_its_rows_and_broken_lines(clean: Sample) -> None:
    queries, broken = clean.logged_queries()
    assert (sum(queries.values()), broken) == (ROWS, BROKEN_LINES)


def test_traffic_has_a_head_and_a_tail(clean: Sample) -> None:
    queries, _ = clean.logged_queries()
    counts = sorted(queries.values(), reverse=True)
    assert sum(counts[: len(counts) // 10]) > ROWS / 2
    assert sum(count == 1 for count in counts) > len(counts) / 4


def test_events_follow_the_queries_they_belong_to(clean: Sample) -> None:
    asked = {}
    for line in clean.log_lines("ubi_queries.ndjson.gz"):
        if line.startswith("{") and line.endswith("}"):
            query = json.loads(line)
            asked[query["query_id"]] = query
    products = clean.documents("catalogue.en.ndjson")
    events = [json.loads(line) for line in clean.log_lines("ubi_events.ndjson.gz")]
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


def test_each_market_has_a_judge_of_its_own_in_the_configuration_of_the_demo(
    broken: Sample, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("SQ_SEARCH_URL", "SQ_WORKSPACE", "SQ_JUDGES"):
        monkeypatch.setenv(name, f"http://127.0.0.1/{name}" if name == "SQ_SEARCH_URL" else f"/{name}")
    plain, trained = (read_run_config(broken.folder / f"sample{name}.yaml") for name in ("", "-trained"))
    for market in trained.markets:
        assert market.evaluate.trained.model_uri.endswith(f"/SQ_JUDGES/{market.market}")
        market.evaluate.Clear()
        market.evaluate.baseline.SetInParent()
    assert trained.markets == plain.markets


@pytest.mark.parametrize("market", LANGUAGES)
def test_labels_are_of_queries_that_the_log_does_not_have(broken: Sample, market: str) -> None:
    rows = list(csv.DictReader((broken.folder / f"labels.{market}.csv").read_text(encoding="utf-8").splitlines()))
    queries = {row["query"] for row in rows}
    assert len(queries) == 80
    assert queries.isdisjoint(broken.logged_queries()[0])
    assert {row["docid"] for row in rows} <= broken.documents(f"catalogue.{LANGUAGES[market]}.ndjson").keys()
    assert {row["rating"] for row in rows} == {"0", "1", "2", "4"}
