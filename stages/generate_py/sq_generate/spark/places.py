"""Finds the queries at places of the levels of a log.

A level (queries of a stratum with as many searches) may hold most of the log, and a window over it would move it to one
worker. So it is cut into buckets by the first digit of the MD5 digests, which also order it. Their sizes tell in which
bucket a place is.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from pyspark.sql import DataFrame, Row, SparkSession, Window
from pyspark.sql import functions as sf

from sq_generate.engine import Place
from sq_generate.spark.buckets import in_buckets

_BUCKET = ["stratum", "searches", "bucket"]
_WANTED = "number int, stratum int, searches long, bucket string, place int"

Collect = Callable[[DataFrame], list[Row]]


def find(texts: DataFrame, places: Sequence[Place], session: SparkSession, collect: Collect) -> list[Row]:
    """The texts at the places, in their order.

    Args:
        texts: (text, searches, stratum, …).
        collect: runs a query.
    """
    levels = list(dict.fromkeys((place.stratum, place.searches) for place in places))
    hit = sf.broadcast(session.createDataFrame(levels, "stratum int, searches long"))
    digests = texts.join(hit, ["stratum", "searches"], "left_semi").withColumn("digest", sf.md5("text"))
    listed = digests.withColumn("bucket", sf.substring("digest", 1, 1))
    sizes = collect(listed.groupBy(*_BUCKET).count())
    rows = in_buckets(places, [tuple(row) for row in sizes])
    wanted = sf.broadcast(session.createDataFrame(rows, _WANTED))
    order = Window.partitionBy(*_BUCKET).orderBy("digest", "text")
    taken = listed.join(wanted.select(*_BUCKET).distinct(), _BUCKET, "left_semi")
    ordered = taken.withColumn("place", sf.row_number().over(order) - sf.lit(1))
    return sorted(collect(ordered.join(wanted, [*_BUCKET, "place"])), key=lambda row: row.number)
