"""The sample's log as a lake keeps it: a prefix for each day."""

from __future__ import annotations

import gzip
import json
from collections import defaultdict
from pathlib import Path

# The days of the sample's log: from the first up to but not including the second.
FIRST, END = "2026-03-02", "2026-03-16"
# What a run is given that has no date of its own.
ALL_DAYS = {"from": FIRST, "to": END}


# Of a bucket.
URI = "lake/searches/dt={date}/"


def day_of(bucket: Path, day: str) -> Path:
    """The file of a day, in the folder of a bucket."""
    return bucket / URI.format(date=day) / "log.ndjson"


def write(log: Path, bucket: Path) -> None:
    """Writes the lines of a log, compressed by gzip, to a file for each day. Lines that are no JSON are left out."""
    days: dict[str, list[str]] = defaultdict(list)
    for path in sorted(log.iterdir()):
        with gzip.open(path, "rt", encoding="utf-8", errors="replace") as lines:
            for line in lines:
                try:
                    days[json.loads(line)["timestamp"][:10]].append(line)
                except (ValueError, KeyError, TypeError):
                    continue
    for day, lines in days.items():
        day_of(bucket, day).parent.mkdir(parents=True)
        day_of(bucket, day).write_text("".join(lines), encoding="utf-8")
