"""`python -m sq_bench.counting HOW FOLDER`: counts the spellings of a log once and prints the seconds.

HOW is plain (DuckDB alone), duckdb (the engine of sq-generate) or spark (its other engine, on local[2]).
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import duckdb

from sq.v1.generate_config_pb2 import QueryLog, SparkOptions
from sq_bench.measure import seconds
from sq_generate.duckdb_engine import DuckDbEngine
from sq_generate.engine import UNWATCHED, Engine


def plain(folder: Path) -> float:
    """Only the group-by, in memory."""
    files = [str(path) for path in sorted(folder.rglob("*.parquet"))]
    sql = "CREATE TABLE spelling AS SELECT query, count(*) AS searches FROM read_parquet(?) GROUP BY query"
    with closing(duckdb.connect()) as database:
        return seconds(lambda: database.execute(sql, [files]).fetchall())


def by_duckdb(folder: Path) -> float:
    return _by(DuckDbEngine(), folder)


def by_spark(folder: Path) -> float:
    # Not every program has pyspark.
    from sq_generate.spark.engine import SparkEngine
    from sq_generate.spark.session import SparkApplication

    application = SparkApplication.start(SparkOptions(master="local[2]"), "bench", UNWATCHED)
    return _by(SparkEngine(application, UNWATCHED), folder)


def _by(engine: Engine, folder: Path) -> float:
    with closing(engine):
        return seconds(lambda: engine.read_log(QueryLog(uri=[f"{folder}/"])))


WAYS: dict[str, Callable[[Path], float]] = {"plain": plain, "duckdb": by_duckdb, "spark": by_spark}

if __name__ == "__main__":
    print(WAYS[sys.argv[1]](Path(sys.argv[2])))
