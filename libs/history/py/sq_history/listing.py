"""The objects of a history at one moment, and the rows in them."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import date

from sq_handoff import Store
from sq_history.place import Place
from sq_history.row import Row
from sq_history.snapshot import Snapshot, Unread

# Marks of tools, such as _SUCCESS; readers of Parquet folders leave them out.
_HIDDEN = (".", "_")
_FOREIGN = "it is not named date=YYYY-MM-DD/<market>/<run id>.parquet"


class Listing:
    """What a history held when it was listed. Objects that were added later are not read."""

    def __init__(self, store: Store, names: Sequence[str]) -> None:
        self._store = store
        shown = [name for name in names if not any(part.startswith(_HIDDEN) for part in name.split("/"))]
        placed = [(name, Place.of(name)) for name in shown]
        self._places = sorted(place for _, place in placed if place)
        self._foreign = [Unread(name, _FOREIGN) for name, place in placed if place is None]

    def read(self, market: str, until: date, runs: int) -> Snapshot:
        """What the last runs about a market say, up to the interval of a date.

        An object that cannot be read is no error: it is listed as unread.

        Args:
            until: the last date of an interval that is taken.
            runs: how many runs are taken at most, those of the latest intervals.
        """
        places = [place for place in self._places if place.market == market and place.date <= until]
        read, digests, unread = [], [], list(self._foreign)
        for place in places[-runs:]:
            try:
                data = self._store.get(place.name)
                read.append(_rows(place, data))
                digests.append((place.name, hashlib.sha256(data).hexdigest()))
            except FileNotFoundError:
                unread.append(Unread(place.name, "it was deleted while the history was read"))
            except ValueError as error:
                unread.append(Unread(place.name, str(error)))
        read.sort(key=lambda rows: (rows[0].interval_date, rows[0].asked_on or date.min, rows[0].run_id))
        return Snapshot(self._store.uri, tuple(row for rows in read for row in rows), tuple(unread), tuple(digests))


def _rows(place: Place, data: bytes) -> list[Row]:
    """Raises ValueError if these are not the rows of a run of the place."""
    # As in History.
    from sq_history.parquet import decode

    rows = decode(data)
    if not rows:
        raise ValueError("it holds no rows")
    for row in rows:
        if Place.of_row(row) != place:
            raise ValueError(f"it holds rows of run {row.run_id}, market {row.market}, date {row.interval_date}")
    return rows
