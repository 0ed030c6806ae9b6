"""The history at one URI: each run and market adds one object, and none is ever replaced."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import date

from sq_handoff import Store
from sq_history.place import Place
from sq_history.row import Row
from sq_history.snapshot import Snapshot, Unread


class OtherFigures(Exception):
    """The history holds other figures under the same run ID, date and market. They stay."""

    def __init__(self, uri: str, name: str) -> None:
        super().__init__(f"{uri}/{name} holds other figures of a run with the same ID; they stay")


class History:
    """Reads and adds rows below a file://, s3:// or gs:// URI, or a folder.

    Several runs can add and read at once: an object appears whole, or not at all.
    Operations raise StorageError if the storage does not do them.
    """

    # pyarrow is large and slow to import. Only the methods that need it load it.

    def __init__(self, uri: str) -> None:
        """Raises ValueError if the scheme is none of file, s3, gs."""
        self._store = Store.at(uri)

    @property
    def uri(self) -> str:
        return self._store.uri

    def add(self, rows: Sequence[Row]) -> bool:
        """Adds all rows of one run and market. The same rows again change nothing.

        Returns:
            Whether they are new.

        Raises:
            ValueError: there are none, or they are not of one run, market and date.
            OtherFigures: the run has other figures there.
        """
        from sq_history.parquet import decode, encode

        places = {_place(row) for row in rows}
        if len(places) != 1:
            raise ValueError(f"rows of one run, market and date are added at once, not of {len(places)}")
        (place,) = places
        if self._store.put_once(place.name, encode(rows)):
            return True
        try:
            kept = decode(self._store.get(place.name))
        except ValueError:
            kept = []
        if {row.report_digest for row in kept} != {row.report_digest for row in rows}:
            raise OtherFigures(self.uri, place.name)
        return False

    def read(self, market: str, until: date, runs: int) -> Snapshot:
        """What the last runs about a market say, up to the interval of a date.

        An object that cannot be read is no error: it is listed as unread.

        Args:
            until: the last date of an interval that is taken.
            runs: how many runs are taken at most, those of the latest intervals.
        """
        from sq_history.parquet import decode

        places, unread = [], []
        for name in self._store.list():
            place = Place.of(name)
            if place is None:
                unread.append(Unread(name, "it is not named date=YYYY-MM-DD/<market>/<run id>.parquet"))
            elif place.market == market and place.date <= until:
                places.append(place)
        rows, digests = [], []
        for place in sorted(places)[-runs:]:
            try:
                data = self._store.get(place.name)
                rows.append(_of_place(place, decode(data)))
                digests.append((place.name, hashlib.sha256(data).hexdigest()))
            except FileNotFoundError:
                unread.append(Unread(place.name, "it was deleted while the history was read"))
            except ValueError as error:
                unread.append(Unread(place.name, str(error)))
        rows.sort(key=lambda run: (run[0].interval_date, run[0].asked_on or date.min, run[0].run_id))
        return Snapshot(self.uri, tuple(row for run in rows for row in run), tuple(unread), tuple(digests))


def _place(row: Row) -> Place:
    return Place(row.interval_date, row.market, row.run_id)


def _of_place(place: Place, rows: list[Row]) -> list[Row]:
    """Raises ValueError if the rows are not those of the place."""
    if not rows:
        raise ValueError("it holds no rows")
    for row in rows:
        if _place(row) != place:
            raise ValueError(f"it holds rows of run {row.run_id}, market {row.market}, date {row.interval_date}")
    return rows
