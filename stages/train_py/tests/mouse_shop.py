"""A shop of mice, keyboards and what goes with them, whose truth is known. It needs the standard library alone."""

from __future__ import annotations

import csv
import json
from pathlib import Path

THINGS = ("mouse", "keyboard", "headset", "monitor", "printer", "speaker", "webcam", "router")
_COLOURS = ("black", "white", "silver")
_BRANDS = ("Acme", "Volt", "Nimbus")
# (query, product id, rating 0..3)
Rows = list[tuple[str, str, int]]


def products() -> list[dict]:
    """Each thing in each brand and colour, and a cover for it."""
    found = []
    for thing in THINGS:
        for brand in _BRANDS:
            for colour in _COLOURS:
                found.append({"title": f"{brand} {colour} {thing}", "brand": brand, "thing": thing, "accessory": False})
            cover = f"{brand} cover for {thing}"
            found.append({"title": cover, "brand": brand, "thing": thing, "accessory": True})
    return [{"id": f"p{number}", **one} for number, one in enumerate(found)]


def labels() -> Rows:
    """Of eight queries: the thing is right, its cover is poor, anything else is wrong."""
    rows = []
    for number, thing in enumerate(THINGS):
        other = THINGS[(number + 1) % len(THINGS)]
        for one in products():
            if one["thing"] == thing:
                rows.append((thing, one["id"], 1 if one["accessory"] else 3))
            elif one["thing"] == other:
                rows.append((thing, one["id"], 0))
    return rows


def coloured_labels() -> Rows:
    """Of 24 queries such as "black mouse": another colour is poor, and so is a cover."""
    rows = []
    for number, thing in enumerate(THINGS):
        other = THINGS[(number + 1) % len(THINGS)]
        for colour in _COLOURS:
            for one in products():
                if one["thing"] == thing:
                    rows.append((f"{colour} {thing}", one["id"], 3 if f" {colour} " in one["title"] else 1))
                elif one["thing"] == other:
                    rows.append((f"{colour} {thing}", one["id"], 0))
    return rows


def wrong(rows: Rows) -> Rows:
    """The opposite ratings."""
    return [(query, product, 3 - rating) for query, product, rating in rows]


def of_one_class(rows: Rows) -> Rows:
    """The same pairs, all rated 3."""
    return [(query, product, 3) for query, product, _ in rows]


def write_catalogue(path: Path) -> Path:
    lines = (json.dumps({key: one[key] for key in ("id", "title", "brand")}) for one in products())
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def write_labels(path: Path, rows: Rows | None = None) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("query", "docid", "rating"))
        writer.writerows(labels() if rows is None else rows)
    return path
