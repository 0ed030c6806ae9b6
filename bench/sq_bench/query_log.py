"""Writes a query log as a data lake stores it: Parquet, with one folder for each day."""

from __future__ import annotations

from pathlib import Path

import duckdb

DAYS = 10

# One third of the rows are a long tail. Among the other rows, smaller numbers are more frequent.
_DAY = """
COPY (
    SELECT
        CASE WHEN i % 3 = 0 THEN 'red shirt ' || (hash(i) % {distinct})
        ELSE 'shoes ' || CAST(pow({distinct}, (hash(i * 31) % 1000000) / 1000000.0) AS BIGINT) END AS query,
        TIMESTAMP '2026-01-01' + to_microseconds(CAST(i * (86400000000 // {rows}) AS BIGINT)) AS timestamp,
        'session ' || (i // 7) AS session
    FROM range({first}, {first} + {rows}) AS rows(i)
) TO '{file}' (FORMAT parquet, COMPRESSION zstd)
"""


def write(folder: Path, rows: int, distinct: int) -> None:
    """Writes `rows` rows. The long tail has `distinct` queries."""
    database = duckdb.connect()
    database.execute("SET memory_limit='2GB'")
    per_day = rows // DAYS
    for day in range(DAYS):
        place = folder / f"day={day}"
        place.mkdir(parents=True)
        file = place / "part-0.parquet"
        database.execute(_DAY.format(distinct=distinct, first=day * per_day, rows=per_day, file=file))
    database.close()


def distinct_queries(folder: Path) -> int:
    return duckdb.sql(f"SELECT count(DISTINCT query) FROM '{folder}/*/*.parquet'").fetchall()[0][0]
