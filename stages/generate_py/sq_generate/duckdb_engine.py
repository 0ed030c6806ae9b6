"""The engine on one machine. Whatever grows with the log lies in a database file, not in memory."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import duckdb
import pyarrow

from sq.v1.query_pb2 import BAND_HEAD, BAND_TAIL, BAND_TORSO
from sq_generate.classifier import Classified
from sq_generate.engine import BandTraffic, Junk, QueryTraffic, SegmentTraffic, Totals
from sq_generate.log_reader import Row

# Distinct spellings held before they are written down, and rows of one batch.
_HELD = 200_000
_BATCH = 50_000
_MEMORY = "1GB"


def open_database(folder: str) -> duckdb.DuckDBPyConnection:
    """A database in a folder that holds no more than 1 GB in memory, the rest in the folder's files."""
    database = duckdb.connect(str(Path(folder) / "sq.duckdb"))
    database.execute(f"SET memory_limit='{_MEMORY}'")
    database.execute(f"SET temp_directory='{folder}/spill'")
    database.execute("SET preserve_insertion_order=false")
    database.execute("SET enable_progress_bar=false")
    return database


class DuckDbEngine:
    """Implements Engine."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="sq-log-")
        self._database = open_database(self._folder.name)
        self._database.execute("CREATE TABLE held (spelling VARCHAR, searches UBIGINT)")

    def count(self, rows: Iterable[Row]) -> int:
        held: dict[str, int] = {}
        for spelling, searches in rows:
            held[spelling] = held.get(spelling, 0) + searches
            if len(held) >= _HELD:
                self._write_down(held)
                held = {}
        self._write_down(held)
        self._database.execute(
            "CREATE TABLE spelling AS SELECT spelling, sum(searches)::UBIGINT AS searches FROM held GROUP BY spelling"
        )
        self._database.execute("DROP TABLE held")
        return self._one("SELECT count(*) FROM spelling")[0]

    def classify(
        self, function: Callable[[Sequence[str]], list[Classified]], progress: Callable[[int], None]
    ) -> None:
        self._database.execute(
            "CREATE TABLE classified (text VARCHAR, junk VARCHAR, segment_id VARCHAR, searches UBIGINT)"
        )
        done = 0
        for batch in self._batches("SELECT spelling, searches FROM spelling"):
            found = function(batch.column(0).to_pylist())
            columns = {
                "text": pyarrow.array([item.text for item in found], pyarrow.string()),
                "junk": pyarrow.array([item.junk for item in found], pyarrow.string()),
                "segment_id": pyarrow.array([item.segment_id for item in found], pyarrow.string()),
                "searches": batch.column(1),
            }
            self._insert("classified", pyarrow.table(columns))
            done += len(found)
            progress(done)
        self._rank()

    def totals(self) -> Totals:
        searches, distinct, segments = self._one(
            "SELECT coalesce(sum(searches), 0)::BIGINT, count(*), count(DISTINCT segment_id) FROM query"
        )
        (junk,) = self._one("SELECT coalesce(sum(searches), 0)::BIGINT FROM junk")
        return Totals(searches + junk, searches, distinct, segments)

    def junk(self, examples: int) -> list[Junk]:
        reasons = self._all("SELECT junk, sum(searches)::BIGINT AS n FROM junk GROUP BY junk ORDER BY n DESC, junk")
        return [Junk(reason, rows, self._examples(reason, examples)) for reason, rows in reasons]

    def top_segments(self, count: int) -> list[SegmentTraffic]:
        found = self._all("SELECT * FROM segment ORDER BY searches DESC, segment_id LIMIT ?", count)
        return [SegmentTraffic(*row) for row in found]

    def segment_ids(self) -> Iterator[str]:
        for batch in self._batches("SELECT segment_id FROM segment"):
            yield from batch.column(0).to_pylist()

    def segments(self, segment_ids: Sequence[str]) -> list[SegmentTraffic]:
        self._take(segment_ids)
        found = self._all("SELECT * FROM segment SEMI JOIN taken USING (segment_id) ORDER BY searches DESC, segment_id")
        return [SegmentTraffic(*row) for row in found]

    def queries(self, segment_ids: Sequence[str], count: int) -> list[QueryTraffic]:
        self._take(segment_ids)
        found = self._all(
            """SELECT segment_id, text, searches, band FROM query SEMI JOIN taken USING (segment_id)
            QUALIFY row_number() OVER (PARTITION BY segment_id ORDER BY searches DESC, text) <= ?
            ORDER BY segment_id, searches DESC, text""",
            count,
        )
        return [QueryTraffic(*row) for row in found]

    def bands(self, segment_ids: Sequence[str]) -> list[BandTraffic]:
        self._take(segment_ids)
        found = self._all(
            """SELECT band, count(*), sum(searches)::BIGINT,
            coalesce(sum(searches) FILTER (segment_id IN (SELECT segment_id FROM taken)), 0)::BIGINT
            FROM query GROUP BY band ORDER BY band"""
        )
        return [BandTraffic(*row) for row in found]

    def close(self) -> None:
        self._database.close()
        self._folder.cleanup()

    def _rank(self) -> None:
        """One row a text: its searches and its band, by the searches of all texts before it."""
        self._database.execute(
            f"""CREATE TABLE query AS
            WITH text AS (
                SELECT text, any_value(segment_id) AS segment_id, sum(searches)::BIGINT AS searches
                FROM classified WHERE junk = '' GROUP BY text),
            ranked AS (
                SELECT *, sum(searches) OVER () AS total,
                sum(searches) OVER (ORDER BY searches DESC, text ROWS UNBOUNDED PRECEDING) - searches AS before
                FROM text)
            SELECT segment_id, text, searches,
            CASE WHEN before * 3 < total THEN {BAND_HEAD} WHEN before * 3 < total * 2 THEN {BAND_TORSO}
            ELSE {BAND_TAIL} END AS band FROM ranked"""
        )
        self._database.execute(
            """CREATE TABLE segment AS
            SELECT segment_id, sum(searches)::BIGINT AS searches, count(*) AS queries FROM query GROUP BY segment_id"""
        )
        self._database.execute(
            """CREATE TABLE junk AS SELECT text, any_value(junk) AS junk, sum(searches)::BIGINT AS searches
            FROM classified WHERE junk <> '' GROUP BY text"""
        )
        self._database.execute("DROP TABLE classified")

    def _examples(self, reason: str, count: int) -> list[str]:
        found = self._all(
            "SELECT text FROM junk WHERE junk = ? AND text <> '' ORDER BY searches DESC, text LIMIT ?", reason, count
        )
        return [text for (text,) in found]

    def _write_down(self, held: dict[str, int]) -> None:
        table = pyarrow.table(
            {
                "spelling": pyarrow.array(held.keys(), pyarrow.string()),
                "searches": pyarrow.array(held.values(), pyarrow.uint64()),
            }
        )
        self._insert("held", table)

    def _insert(self, name: str, table: pyarrow.Table) -> None:
        self._database.register("incoming", table)
        self._database.execute(f"INSERT INTO {name} SELECT * FROM incoming")
        self._database.unregister("incoming")

    def _take(self, segment_ids: Sequence[str]) -> None:
        self._database.execute("CREATE OR REPLACE TEMP TABLE taken (segment_id VARCHAR)")
        self._insert("taken", pyarrow.table({"segment_id": pyarrow.array(segment_ids, pyarrow.string())}))

    def _batches(self, sql: str) -> Iterator[pyarrow.RecordBatch]:
        # A cursor of its own: the caller writes while it reads.
        cursor = self._database.cursor()
        try:
            yield from cursor.sql(sql).to_arrow_reader(_BATCH)
        finally:
            cursor.close()

    def _one(self, sql: str) -> tuple:
        return self._database.execute(sql).fetchone()

    def _all(self, sql: str, *parameters: object) -> list[tuple]:
        return self._database.execute(sql, list(parameters)).fetchall()
