"""The history at one URI: each run and market adds one object, and none is ever replaced."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sq_handoff import Store
from sq_history.listing import Listing
from sq_history.place import Place
from sq_history.row import Row
from sq_history.snapshot import Snapshot


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

        places = {Place.of_row(row) for row in rows}
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
        """As Listing.read, of what is there now."""
        return self.list().read(market, until, runs)

    def list(self) -> Listing:
        """The objects that are there now."""
        return Listing(self._store, self._store.list())
