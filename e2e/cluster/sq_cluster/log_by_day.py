"""The sample's log as a lake keeps it: a folder for each day."""

from __future__ import annotations

import gzip
import json
from collections import defaultdict
from pathlib import Path

# The days of the sample's log: from the first up to but not including the second.
FIRST, END = "2026-03-02", "2026-03-16"
# What a run is given that has no date of its own.
ALL_DAYS = {"from": FIRST, "to": END}


def write(log: Path, folder: Path) -> str:
    """Writes the lines of a log, compressed by gzip, to a folder for each day. Returns the uri of a configuration.

    Lines that are no JSON are left out.
    """
    days: dict[str, list[str]] = defaultdict(list)
    for path in sorted(log.iterdir()):
        with gzip.open(path, "rt", encoding="utf-8", errors="replace") as lines:
            for line in lines:
                try:
                    days[json.loads(line)["timestamp"][:10]].append(line)
                except (ValueError, KeyError, TypeError):
                    continue
    for day, lines in days.items():
        (folder / f"dt={day}").mkdir(parents=True)
        (folder / f"dt={day}/log.ndjson").write_text("".join(lines), encoding="utf-8")
    return f"{folder}/dt={{date}}/"
