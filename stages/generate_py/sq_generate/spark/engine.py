"""The Spark engine. All that grows with the log stays on the workers' disks; the driver gets the answers only."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

import numpy as np
from pyspark import StorageLevel
from pyspark.sql import DataFrame, Row, Window
from pyspark.sql import functions as sf

from sq.v1.generate_config_pb2 import QueryLog
from sq_generate.engine import (
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
from sq_generate.query_log import LogCounts, LogReader, first_rows
from sq_generate.query_log import Row as LogRow
from sq_generate.spark import tasks
from sq_generate.spark.counts import add_up
from sq_generate.spark.parts import cut
from sq_generate.spark.places import find
from sq_generate.spark.ranking import with_bands
from sq_generate.spark.session import SparkApplication

_MOST_TASKS = 10_000
_PARTITIONS = "spark.sql.shuffle.partitions"
# Spellings in a partition of a table: tens of megabytes.
_SPELLINGS = 200_000
# Rows that the driver reads itself, to warn early.
_FIRST_ROWS = 1000

T = TypeVar("T")


class SparkEngine:
    """Implements Engine."""

    def __init__(self, application: SparkApplication, watch: Watch) -> None:
        self._application = application
        self._watch = watch
        self._kept: list[DataFrame] = []
        self._spellings: DataFrame | None = None
        self._texts: DataFrame | None = None
        self._segments: DataFrame | None = None
        self._junk: DataFrame | None = None

    def read_log(self, log: QueryLog) -> LogCounts:
        reader = LogReader(log)
        files = reader.files()
        # The workers tell what they could not read at their ends only.
        _, start = first_rows(log, files[0], _FIRST_ROWS)
        self._watch.look(start.counts)
        parts = cut(files, log.format, self._watch.check_stop)
        task = tasks.read_parts(log.SerializeToString(), parts, self._application.scratch)
        numbers = self._session.range(0, len(parts), 1, min(len(parts), _MOST_TASKS))
        read = self._keep(numbers.mapInArrow(task, tasks.READ))
        rows = self._collect(read.where(sf.col("report").isNotNull()).drop("spelling"), "parts read")
        self._expect(sum(row.searches for row in rows))
        reader.counts = add_up([tasks.counts_of(row.report) for row in sorted(rows)])
        self._spellings = _added_up(read.where(sf.col("report").isNull()), "spelling")
        return reader.finish()

    def count(self, rows: Iterable[LogRow]) -> None:
        listed = list(rows)
        self._expect(len(listed))
        found = self._session.createDataFrame(listed, "spelling string, searches long")
        self._spellings = _added_up(found, "spelling")

    def classify(self, function: Classify) -> None:
        task = tasks.classify_spellings(self._session.sparkContext.broadcast(function))
        classified = self._keep(self._spellings.mapInArrow(task, tasks.CLASSIFIED))
        (row,) = self._collect(classified.agg(sf.min("problem").alias("problem")), "tasks classifying")
        if row.problem is not None:
            tasks.raise_problem(row.problem)
        self._free(but=classified)
        searches, junk = sf.col("junk") == sf.lit(""), sf.col("junk") != sf.lit("")
        texts = self._keep(_added_up(classified.where(searches), "text", "segment_id"))
        self._junk = self._keep(_added_up(classified.where(junk), "text", "junk"))
        self._run(self._junk.count, "tasks ranking")
        self._texts = self._run(lambda: with_bands(texts), "tasks ranking")
        by_segment = texts.groupBy("segment_id")
        segments = by_segment.agg(sf.sum("searches").alias("searches"), sf.count("*").alias("queries"))
        self._segments = self._keep(segments)
        self._run(self._segments.count, "tasks ranking")
        classified.unpersist()

    def totals(self) -> Totals:
        (row,) = self._collect(self._segments.agg(sf.sum("searches"), sf.sum("queries"), sf.count("*")), "tasks")
        (junk,) = self._collect(self._junk.agg(sf.sum("searches")), "tasks")
        searches = row[0] or 0
        return Totals(searches + (junk[0] or 0), searches, row[1] or 0, row[2])

    def junk(self, examples: int) -> list[Junk]:
        rows = self._collect(self._junk.groupBy("junk").agg(sf.sum("searches").alias("searches")), "tasks")
        shown = self._collect(_first(self._junk.where(sf.col("text") != sf.lit("")), "junk", examples), "tasks")
        by_reason: dict[str, list[str]] = {}
        for row in sorted(shown, key=lambda row: (-row.searches, row.text)):
            by_reason.setdefault(row.junk, []).append(row.text)
        ordered = sorted(rows, key=lambda row: (-row.searches, row.junk))
        return [Junk(row.junk, row.searches, by_reason.get(row.junk, [])) for row in ordered]

    def segment_levels(self) -> list[SegmentLevel]:
        rows = self._collect(self._segments.groupBy("searches", "queries").agg(sf.count("*")), "tasks")
        return [SegmentLevel(*row) for row in sorted(rows, reverse=True)]

    def top_segments(self, count: int) -> list[SegmentTraffic]:
        order = (sf.col("searches").desc(), sf.col("queries").desc(), "segment_id")
        return self._traffic(self._segments.orderBy(*order).limit(count), lambda row: (-row.searches, -row.queries))

    def segments(self, segment_ids: Sequence[str]) -> list[SegmentTraffic]:
        found = self._segments.join(self._numbered(segment_ids), "segment_id", "left_semi")
        return self._traffic(found, lambda row: (-row.searches,))

    def levels(self, strata: Sequence[str]) -> Levels:
        counted = self._in_strata(strata).groupBy("stratum", "searches").agg(sf.count("*").alias("queries"))
        rows = sorted(self._collect(counted, "tasks"), key=lambda row: (row.stratum, -row.searches))
        columns = zip(*rows, strict=True) if rows else ((), (), ())
        return Levels(*(np.array(column, dtype=np.int64) for column in columns))

    def queries_at(self, strata: Sequence[str], places: Sequence[Place]) -> list[QueryTraffic]:
        rows = find(self._in_strata(strata), places, self._session, lambda table: self._collect(table, "tasks"))
        return [QueryTraffic(row.segment_id, row.text, row.searches, row.band) for row in rows]

    def all_queries(self) -> list[QueryTraffic]:
        rows = self._collect(self._texts, "tasks")
        rows.sort(key=lambda row: (row.segment_id, -row.searches, row.text))
        return [QueryTraffic(row.segment_id, row.text, row.searches, row.band) for row in rows]

    def bands(self) -> list[BandTraffic]:
        rows = self._collect(self._texts.groupBy("band").agg(sf.count("*"), sf.sum("searches")), "tasks")
        return [BandTraffic(*row) for row in sorted(rows)]

    def close(self) -> None:
        self._application.close()

    @property
    def _session(self):
        return self._application.session

    def _expect(self, spellings: int) -> None:
        """Sets the number of partitions by the amount of data: Spark does not repartition tables that are kept."""
        if _PARTITIONS not in self._application.given:
            self._session.conf.set(_PARTITIONS, min(max(-(-spellings // _SPELLINGS), 1), _MOST_TASKS))

    def _numbered(self, segment_ids: Sequence[str]) -> DataFrame:
        rows = [(name, number) for number, name in enumerate(dict.fromkeys(segment_ids))]
        return sf.broadcast(self._session.createDataFrame(rows, "segment_id string, stratum int"))

    def _in_strata(self, strata: Sequence[str]) -> DataFrame:
        """All texts with the number of their stratum."""
        joined = self._texts.join(self._numbered(strata), "segment_id", "left")
        return joined.withColumn("stratum", sf.coalesce("stratum", sf.lit(len(strata))))

    def _traffic(self, segments: DataFrame, key: Callable[[Row], tuple]) -> list[SegmentTraffic]:
        rows = self._collect(segments.select("segment_id", "searches", "queries"), "tasks")
        return [SegmentTraffic(*row) for row in sorted(rows, key=lambda row: (*key(row), row.segment_id))]

    def _collect(self, table: DataFrame, unit: str) -> list:
        return self._run(table.collect, unit)

    def _run(self, action: Callable[[], T], unit: str) -> T:
        return self._application.run(action, unit)

    def _keep(self, table: DataFrame) -> DataFrame:
        """Keeps a table on the workers' disks, so that it is computed once."""
        self._kept.append(table.persist(StorageLevel.DISK_ONLY))
        return table

    def _free(self, but: DataFrame) -> None:
        for table in self._kept:
            if table is not but:
                table.unpersist()
        self._kept = [but]


def _added_up(table: DataFrame, key: str, *others: str) -> DataFrame:
    """One row for each key. The other columns depend on the key."""
    columns = [sf.first(name).alias(name) for name in others]
    return table.groupBy(key).agg(*columns, sf.sum("searches").alias("searches"))


def _first(table: DataFrame, group: str, count: int) -> DataFrame:
    """The rows with the most searches of each group, ties by text."""
    order = Window.partitionBy(group).orderBy(sf.col("searches").desc(), "text")
    return table.withColumn("rank", sf.row_number().over(order)).where(sf.col("rank") <= sf.lit(count))
