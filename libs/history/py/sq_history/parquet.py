"""Rows as the bytes of a Parquet file, and back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from io import BytesIO
from typing import Any

import pyarrow
from pyarrow import parquet

from sq_history.row import Interval, Row, Scope

_FIGURES = ("ndcg", "loss", "gain")
_TYPES = {
    "run_id": pyarrow.string(),
    "market": pyarrow.string(),
    "scope": pyarrow.string(),
    "name": pyarrow.string(),
    "interval_date": pyarrow.date32(),
    "interval_start": pyarrow.timestamp("us", "UTC"),
    "interval_end": pyarrow.timestamp("us", "UTC"),
    "asked_on": pyarrow.date32(),
    "judge": pyarrow.string(),
    "k": pyarrow.uint32(),
    "confidence_level": pyarrow.float64(),
    "queries": pyarrow.uint32(),
    "traffic_share": pyarrow.float64(),
    **{f"{figure}{bound}": pyarrow.float64() for figure in _FIGURES for bound in ("", "_low", "_high")},
    "claimed": pyarrow.bool_(),
    "measured_share": pyarrow.float64(),
    "calls": pyarrow.uint64(),
    "usd": pyarrow.float64(),
    "report_digest": pyarrow.string(),
    "program_digest": pyarrow.string(),
}
# Columns that may be null.
_OPEN = {"interval_start", "interval_end", "asked_on", "measured_share", "calls", "usd"}
_OPEN |= {name for name in _TYPES if name.startswith(_FIGURES)}
SCHEMA = pyarrow.schema([pyarrow.field(name, kind, nullable=name in _OPEN) for name, kind in _TYPES.items()])


def encode(rows: Sequence[Row]) -> bytes:
    """The same bytes for the same rows and the same pyarrow."""
    sink = BytesIO()
    table = pyarrow.Table.from_pylist([_flat(row) for row in rows], schema=SCHEMA)
    parquet.write_table(table, sink, compression="zstd")
    return sink.getvalue()


def decode(data: bytes) -> list[Row]:
    """The rows of a file. Columns that are not known here are left out.

    Raises:
        ValueError: it is no Parquet file of a history; the text is one sentence.
    """
    try:
        file = parquet.ParquetFile(BytesIO(data))
        lacking = [name for name in SCHEMA.names if name not in file.schema_arrow.names]
        if lacking:
            raise ValueError(f"it lacks the columns {', '.join(lacking)}")
        table = file.read(columns=SCHEMA.names).select(SCHEMA.names).cast(SCHEMA)
        return [_row(item) for item in table.to_pylist()]
    except (pyarrow.ArrowException, OSError) as error:
        raise ValueError(str(error).splitlines()[0]) from error


def _flat(row: Row) -> dict[str, Any]:
    flat = {field.name: getattr(row, field.name) for field in fields(row) if field.name not in _FIGURES}
    for name in _FIGURES:
        figure = getattr(row, name) or Interval(value=None)
        flat |= {name: figure.value, f"{name}_low": figure.low, f"{name}_high": figure.high}
    return flat | {"scope": row.scope.value}


def _row(item: Mapping[str, Any]) -> Row:
    if lacking := [name for name in SCHEMA.names if name not in _OPEN and item[name] is None]:
        raise ValueError(f"a row has no {lacking[0]}")
    kept = {field.name: item.get(field.name) for field in fields(Row)}
    for name in _FIGURES:
        value = item[name]
        kept[name] = None if value is None else Interval(value, item[f"{name}_low"], item[f"{name}_high"])
    return Row(**kept | {"scope": Scope(item["scope"])})
