"""The engine for one machine. All that grows with the log spills to disk."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Sequence

import numpy as np
import pyarrow

from sq.v1.generate_config_pb2 import QueryLog
from sq.v1.query_pb2 import BAND_HEAD, BAND_TAIL, BAND_TORSO
from sq_generate.engine import (
    UNWATCHED,
    BandTraffic,
    Classify,
    Junk,
    Levels,
    Place,
    QueryTraffic,
    SegmentLevel,
    SegmentTraffic,
    Totals,
    Watch,
)
from sq_generate.query_log import LogCounts, LogPart, LogReader, Row
from sq_generate.query_log.batches import packed
from sq_generate.spelling_counter import count_spellings, open_database

# Distinct spellings in a batch.
_BATCH = 50_000


class DuckDbEngine:
    """Implements Engine."""

    def __init__(self, watch: Watch = UNWATCHED) -> None:
        self._watch = watch
        self._folder = tempfile.TemporaryDirectory(prefix="sq-log-")
        self._database = open_database(self._folder.name)

    def read_log(self, log: QueryLog) -> LogCounts:
        reader = LogReader(log, self._watch.look)
        count_spellings(self._database, self._log_batches(reader), self._watch.check_stop)
        return reader.finish()

    def count(self, rows: Iterable[Row]) -> None:
        count_spellings(self._database, packed(rows), self._watch.check_stop)

    def classify(self, function: Classify) -> None:
        self._database.execute(
            "CREATE TABLE classified (text VARCHAR, junk VARCHAR, segment_id VARCHAR, searches UBIGINT)"
        )
        (total,) = self._one("SELECT count(*) FROM spelling")
        done = 0
        for batch in self._batches("SELECT spelling, searches FROM spelling"):
            self._watch.check_stop()
            found = function(batch.column(0)).append_column("searches", batch.column(1))
            self._insert("classified", pyarrow.table(found))
            done += found.num_rows
            self._watch.progress(done, total, "spellings")
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

    def segment_levels(self) -> list[SegmentLevel]:
        found = self._all(
            "SELECT searches, queries, count(*) FROM segment GROUP BY ALL ORDER BY searches DESC, queries DESC"
        )
        return [SegmentLevel(*row) for row in found]

    def top_segments(self, count: int) -> list[SegmentTraffic]:
        found = self._all("SELECT * FROM segment ORDER BY searches DESC, queries DESC, segment_id LIMIT ?", count)
        return [SegmentTraffic(*row) for row in found]

    def segments(self, segment_ids: Sequence[str]) -> list[SegmentTraffic]:
        self._name("taken", segment_ids)
        found = self._all("SELECT * FROM segment SEMI JOIN taken USING (segment_id) ORDER BY searches DESC, segment_id")
        return [SegmentTraffic(*row) for row in found]

    def levels(self, strata: Sequence[str]) -> Levels:
        self._name("stratum", strata)
        found = self._database.execute(
            """SELECT coalesce(number, ?) AS stratum, searches, count(*) AS queries
            FROM query LEFT JOIN stratum USING (segment_id) GROUP BY ALL ORDER BY stratum, searches DESC""",
            [len(strata)],
        ).fetchnumpy()
        return Levels(*(found[name].astype(np.int64) for name in ("stratum", "searches", "queries")))

    def queries_at(self, strata: Sequence[str], places: Sequence[Place]) -> list[QueryTraffic]:
        self._name("stratum", strata)
        columns = {
            "number": pyarrow.array(range(len(places)), pyarrow.int64()),
            "stratum": pyarrow.array([place.stratum for place in places], pyarrow.int64()),
            "searches": pyarrow.array([place.searches for place in places], pyarrow.int64()),
            "place": pyarrow.array([place.number for place in places], pyarrow.int64()),
        }
        self._make("wanted", pyarrow.table(columns))
        # The levels are ordered with numbers of rows only, because a level may hold most of the log.
        found = self._all(
            """WITH wanted_level AS (SELECT DISTINCT stratum, searches FROM wanted),
            listed AS (
                SELECT query.rowid AS id, text, searches, coalesce(number, ?) AS stratum
                FROM query LEFT JOIN stratum USING (segment_id)),
            ordered AS (
                SELECT id, stratum, searches,
                row_number() OVER (PARTITION BY stratum, searches ORDER BY md5(text), text) - 1 AS place
                FROM listed SEMI JOIN wanted_level USING (stratum, searches))
            SELECT segment_id, text, query.searches, band
            FROM wanted JOIN ordered USING (stratum, searches, place) JOIN query ON query.rowid = ordered.id
            ORDER BY wanted.number""",
            len(strata),
        )
        return [QueryTraffic(*row) for row in found]

    def all_queries(self) -> list[QueryTraffic]:
        found = self._all("SELECT segment_id, text, searches, band FROM query ORDER BY segment_id, searches DESC, text")
        return [QueryTraffic(*row) for row in found]

    def bands(self) -> list[BandTraffic]:
        found = self._all("SELECT band, count(*), sum(searches)::BIGINT FROM query GROUP BY band ORDER BY band")
        return [BandTraffic(*row) for row in found]

    def close(self) -> None:
        self._database.close()
        self._folder.cleanup()

    def _log_batches(self, reader: LogReader) -> Iterator[pyarrow.RecordBatch]:
        files = reader.files()
        for number, uri in enumerate(files):
            self._watch.progress(number, len(files), "files")
            yield from reader.batches(LogPart(uri))
        self._watch.progress(len(files), len(files), "files")

    def _rank(self) -> None:
        """Makes the table of texts with their searches and band, by the searches of all texts before."""
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

    def _insert(self, name: str, table: pyarrow.Table) -> None:
        self._database.register("incoming", table)
        self._database.execute(f"INSERT INTO {name} SELECT * FROM incoming")
        self._database.unregister("incoming")

    def _name(self, table: str, segment_ids: Sequence[str]) -> None:
        """Makes a table of segments with their number in the list."""
        ids = pyarrow.array(segment_ids, pyarrow.string())
        numbers = pyarrow.array(range(len(segment_ids)), pyarrow.int64())
        self._make(table, pyarrow.table({"segment_id": ids, "number": numbers}))

    def _make(self, name: str, table: pyarrow.Table) -> None:
        self._database.register("incoming", table)
        self._database.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS SELECT * FROM incoming")
        self._database.unregister("incoming")

    def _batches(self, sql: str) -> Iterator[pyarrow.RecordBatch]:
        # Its own cursor, because the caller writes to the database meanwhile.
        cursor = self._database.cursor()
        try:
            yield from cursor.sql(sql).to_arrow_reader(_BATCH)
        finally:
            cursor.close()

    def _one(self, sql: str) -> tuple:
        return self._all(sql)[0]

    def _all(self, sql: str, *parameters: object) -> list[tuple]:
        return self._database.execute(sql, list(parameters)).fetchall()
