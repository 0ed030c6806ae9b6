"""Writes one query log in each format."""

from __future__ import annotations

import csv
import gzip
import json
import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow
import pyarrow.parquet

from sq_e2e.places import SAMPLE

ROWS = 12_000
DAYS = 6
COLUMNS = {"query": "typed", "timestamp": "at", "count": "times"}
WINDOW = {"start": "2026-03-02T00:00:00Z", "end": "2026-03-05T12:00:00Z"}
_FIRST = datetime(2026, 3, 1, tzinfo=UTC)
_BEGINNINGS = ["blue", "größe", "👟", "x\u0301"]
_JUNK = ["", "   ", "https://shop.example/x", "asdfgh", "' or 1=1 --", "????", "aaaaaaaa"]


@dataclass(frozen=True, slots=True)
class Row:
    typed: str | None
    at: datetime
    times: int

    def as_dict(self) -> dict:
        return {"typed": self.typed, "at": self.at.isoformat(), "times": self.times}


def rows(seed: int = 11) -> list[Row]:
    """Rows in order of time: words of titles in many spellings, a long tail, junk, and non-ASCII texts."""
    rng = random.Random(seed)
    titles = [json.loads(line)["title"].split() for line in (SAMPLE / "catalogue.en.ndjson").read_text().splitlines()]
    return [
        Row(_typed(rng, titles), _FIRST + timedelta(days=DAYS) * number / ROWS, rng.choice([1, 1, 1, 2, 7]))
        for number in range(ROWS)
    ]


def _typed(rng: random.Random, titles: list[list[str]]) -> str | None:
    kind = rng.random()
    if kind < 0.02:
        return rng.choice([*_JUNK, None])
    if kind < 0.3:
        return f"{rng.choice(_BEGINNINGS)} {rng.randrange(4000)}"
    # A few titles are searched often.
    words = titles[int(len(titles) * rng.random() ** 3)]
    start = rng.randrange(len(words))
    text = " ".join(words[start : start + rng.choice([1, 2, 3])])
    return rng.choice([text, text.upper(), f" {text}", text.lower()])


def by_day(all_rows: Iterable[Row]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for row in all_rows:
        found.setdefault(f"{row.at:%Y-%m-%d}", []).append(row)
    return found


def write_ndjson(folder: Path, all_rows: list[Row]) -> dict:
    """Writes compressed NDJSON with some broken lines."""
    lines = [json.dumps(row.as_dict(), ensure_ascii=False) for row in all_rows]
    for number in range(1000, len(lines), 3000):
        lines.insert(number, '{"typed": ')
    for number, part in enumerate(_halves(lines)):
        (folder / f"{number}.ndjson.gz").write_bytes(gzip.compress("\n".join(part).encode()))
    return {"uri": [f"{folder}/"], "columns": COLUMNS}


def write_csv(folder: Path, all_rows: list[Row]) -> dict:
    for number, part in enumerate(_halves(all_rows)):
        with (folder / f"{number}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["typed", "at", "times", "page"])
            writer.writerows([row.typed, row.at.isoformat(), row.times, number] for row in part)
            file.write("too,few\n")
    return {"uri": [f"{folder}/"], "columns": COLUMNS}


def write_ubi(folder: Path, all_rows: list[Row]) -> dict:
    """Writes one event for each search, with the bulk API's action lines, and clicks between them."""
    with (folder / "ubi.ndjson").open("w", encoding="utf-8") as file:
        for number, row in enumerate(all_rows):
            print(json.dumps({"index": {"_id": str(number)}}), file=file)
            print(json.dumps({"user_query": row.typed, "timestamp": row.at.isoformat(), "query_id": "1"}), file=file)
            if number % 50 == 0:
                print(json.dumps({"action_name": "click", "query_id": "1"}), file=file)
    return {"uri": [f"{folder}/ubi.ndjson"], "format": "FILE_FORMAT_UBI"}


def write_parquet(folder: Path, all_rows: list[Row]) -> dict:
    """Writes one folder for each day. The second day has other column types, and one broken row."""
    for number, (day, found) in enumerate(sorted(by_day(all_rows).items())):
        times = [row.times for row in found]
        if number == 1:
            times[7] = -1
        table = pyarrow.table(
            {
                "page": pyarrow.array([number] * len(found)),
                "typed": pyarrow.array([row.typed for row in found], pyarrow.string()),
                "at": pyarrow.array([row.at for row in found], pyarrow.timestamp("ms" if number % 2 else "us", "UTC")),
                "times": pyarrow.array(times, pyarrow.float64() if number == 1 else pyarrow.int32()),
            }
        )
        place = folder / f"day={day}"
        place.mkdir()
        pyarrow.parquet.write_table(table, place / "part-0.parquet", row_group_size=1000)
        (place / "_SUCCESS").touch()
    return {"uri": [f"{folder}/"], "columns": COLUMNS}


def _halves(items: list) -> Iterator[list]:
    yield items[: len(items) // 2]
    yield items[len(items) // 2 :]
