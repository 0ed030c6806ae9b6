"""A shop of five products with its log, and the stage over it."""

from __future__ import annotations

import csv
import json
from pathlib import Path

from sq.v1.query_pb2 import Query, QuerySetRecord
from sq_generate import __main__ as program
from sq_generate.run import run
from sq_handoff import ArtefactReader
from sq_handoff.validate import check_record
from sq_stagekit import Stage, run_stage

FIELDS = {
    "id": "id",
    "title": "title",
    "brand": "brand",
    "category": "category",
    "attributes": [{"field": "colour", "tag_type": "COLOUR"}],
}
ENGLISH = [
    ("p1", "Red shirt", "Acme", "Shirts", "red"),
    ("p2", "Blue shirt", "Acme", "Shirts", "blue"),
    ("p3", "Red hat", "Acme", "Hats", "red"),
    ("p4", "Blue hat", "Bolt & Co", "Hats", "blue"),
    ("p5", "Red shirt", "Bolt & Co", "Shirts", "red"),
]
WORDS = {"Shirts": "Hemden", "Hats": "Hüte", "red": "rot", "blue": "blau"}
SEARCHES = {
    "red shirt": 30,
    "Red  Shirts": 10,
    "shirt": 25,
    "acme shirt": 12,
    "blue hat": 8,
    "hats": 6,
    "bolt & co hat": 5,
    "something else": 4,
    "waterproof red shirt": 3,
    "???": 2,
    "": 2,
    "https://acme.example/": 1,
}
CONTRACT = Stage.beside(program.__file__)


def write_ndjson(path: Path, rows: list[dict]) -> str:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return str(path)


def english_shop(folder: Path) -> dict:
    """Writes the files of the shop, and returns generate's configuration of its English market."""
    log = [{"user_query": text} for text, count in SEARCHES.items() for _ in range(count)]
    return {
        "source_language": "en",
        "target_language": "en",
        "log": {"uri": [write_ndjson(folder / "log.ndjson", log)]},
        "catalogue": {"uri": write_ndjson(folder / "en.ndjson", _documents(ENGLISH)), "fields": FIELDS},
        "seed": 7,
        "known_matches": 1,
    }


def german_shop(folder: Path, english: dict) -> dict:
    """The German market of the same shop. Its glossary does not know "blue"."""
    glossary = folder / "glossary.csv"
    with glossary.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("source", "target"), ("shirt", "hemd"), ("hat", "hüte"), ("red", "rotes")])
    products = [tuple(WORDS.get(cell, cell) for cell in row) for row in ENGLISH]
    return {
        **english,
        "target_language": "de",
        "catalogue": {"uri": write_ndjson(folder / "de.ndjson", _documents(products)), "fields": FIELDS},
        "source_catalogue": english["catalogue"],
        "translation": {"glossary": {"uri": str(glossary)}},
    }


def start(config: dict, output: Path) -> int:
    """Runs the stage in this process and returns its exit code."""
    flags = ["--run-id", "r", "--market", "uk", "--config", json.dumps(config), "--output", str(output)]
    return run_stage(CONTRACT, run, flags)


def read(config: dict, output: Path) -> list[QuerySetRecord]:
    """Runs the stage and returns the records of its artefact."""
    assert start(config, output) == 0
    found = list(ArtefactReader.open(str(output), QuerySetRecord))
    for record in found:
        check_record(record)
    return found


def queries(records: list[QuerySetRecord]) -> list[Query]:
    return [query for record in records for query in record.segment.queries]


def tags(found) -> list[tuple[str, str]]:
    return [(tag.type, tag.value) for tag in found]


def _documents(rows: list[tuple]) -> list[dict]:
    return [dict(zip(("id", "title", "brand", "category", "colour"), row, strict=True)) for row in rows]
