"""A shop of mice, keyboards and what goes with them, whose truth is known; as files and as a query set."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable
from pathlib import Path

from sq.v1.manifest_pb2 import Provenance
from sq.v1.query_pb2 import BAND_HEAD, Query, QuerySetRecord, Segment
from sq_handoff import ArtefactWriter

_THINGS = ("mouse", "keyboard", "headset", "monitor", "printer", "speaker", "webcam", "router")
_COLOURS = ("black", "white", "silver")
_BRANDS = ("Acme", "Volt", "Nimbus")


def products() -> list[dict]:
    """Each thing in each brand and colour, and a cover for it."""
    found = []
    for thing in _THINGS:
        for brand in _BRANDS:
            for colour in _COLOURS:
                found.append({"title": f"{brand} {colour} {thing}", "brand": brand, "thing": thing, "accessory": False})
            cover = f"{brand} cover for {thing}"
            found.append({"title": cover, "brand": brand, "thing": thing, "accessory": True})
    return [{"id": f"p{number}", **one} for number, one in enumerate(found)]


def labels() -> list[tuple[str, str, int]]:
    """(query, product id, rating 0..3): the thing is right, its cover is poor, anything else is wrong."""
    rows = []
    for number, thing in enumerate(_THINGS):
        other = _THINGS[(number + 1) % len(_THINGS)]
        for one in products():
            if one["thing"] == thing:
                rows.append((thing, one["id"], 1 if one["accessory"] else 3))
            elif one["thing"] == other:
                rows.append((thing, one["id"], 0))
    return rows


def coloured_labels() -> list[tuple[str, str, int]]:
    """The same for 24 queries such as "black mouse": another colour is poor, and so is a cover."""
    rows = []
    for number, thing in enumerate(_THINGS):
        other = _THINGS[(number + 1) % len(_THINGS)]
        for colour in _COLOURS:
            for one in products():
                if one["thing"] == thing:
                    rows.append((f"{colour} {thing}", one["id"], 3 if f" {colour} " in one["title"] else 1))
                elif one["thing"] == other:
                    rows.append((f"{colour} {thing}", one["id"], 0))
    return rows


def write_catalogue(path: Path) -> Path:
    lines = (json.dumps({key: one[key] for key in ("id", "title", "brand")}) for one in products())
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def write_labels(path: Path, rows: list[tuple[str, str, int]] | None = None) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("query", "docid", "rating"))
        writer.writerows(labels() if rows is None else rows)
    return path


def write_queries(path: Path, texts: Iterable[str] = _THINGS) -> str:
    """The query set of the labelled queries."""
    writer = ArtefactWriter(str(path), QuerySetRecord)
    queries = [
        Query(
            query_id=f"q{text.replace(' ', '-')}",
            segment_id="S",
            source_text=text,
            source_language="en",
            text=text,
            language="en",
            band=BAND_HEAD,
        )
        for text in texts
    ]
    writer.write(QuerySetRecord(segment=Segment(segment_id="S", queries=queries)))
    writer.publish(Provenance(stage="test", run_id="r"))
    return str(path)
