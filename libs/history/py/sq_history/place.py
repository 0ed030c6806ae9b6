"""Where the rows of a run and market are: date=YYYY-MM-DD/<market>/<run id>.parquet."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from urllib.parse import quote, unquote

from sq_history.row import Row

_NAME = re.compile(r"date=(\d{4}-\d{2}-\d{2})/([^/]+)/([^/]+)\.parquet")
_ENDING = ".parquet"


@dataclass(frozen=True, order=True)
class Place:
    """The object of one run and market. `date` is that of the interval."""

    date: date
    market: str
    run_id: str

    @property
    def name(self) -> str:
        """Relative to the history's URI. Characters of ids that a path or URI gives a meaning are escaped."""
        return f"date={self.date:%Y-%m-%d}/{quote(self.market, safe='')}/{quote(self.run_id, safe='')}{_ENDING}"

    @classmethod
    def of_row(cls, row: Row) -> Place:
        return cls(row.interval_date, row.market, row.run_id)

    @classmethod
    def of(cls, name: str) -> Place | None:
        """None if an object of this name is none of a history."""
        found = _NAME.fullmatch(name)
        try:
            place = cls(date.fromisoformat(found[1]), unquote(found[2]), unquote(found[3])) if found else None
        except ValueError:
            return None
        return place if place and place.name == name else None
