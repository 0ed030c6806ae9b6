"""Checks that both engines give the same digest, for each format of a log."""

from __future__ import annotations

import json
from pathlib import Path

from sq_e2e.checks import Checks
from sq_spark_e2e import logs
from sq_spark_e2e.program import (
    PLAIN,
    WITH_SPARK,
    Generate,
    empty_folder,
)

WRITERS = {
    "NDJSON, compressed": logs.write_ndjson,
    "CSV": logs.write_csv,
    "UBI": logs.write_ubi,
    "Parquet by day": logs.write_parquet,
}


def check_formats(checks: Checks, generate: Generate, folder: Path, written: dict[str, dict]) -> None:
    """Compares both engines over each format. Adds the log of each format to `written`."""
    rows = logs.rows()
    for name, write in WRITERS.items():
        with checks.check(f"{name}: the same digest as by DuckDB"):
            written[name] = write(empty_folder(folder, "log"), rows)
            expected = generate.duckdb(written[name])
            found = generate.spark(written[name])
            assert found.digest == expected.digest, f"{found.digest} is not {expected.digest}"
            assert json.loads(expected.handoff)["counts"], expected.handoff
    with checks.check("a time window: the same digest"):
        log = written["Parquet by day"] | logs.WINDOW
        assert generate.spark(log).digest == generate.duckdb(log).digest
    with checks.check("a fixed list: the same digest"):
        fixed = {"text": ["blue shirt", "Blue  Shirt", "hat", "👟"]}
        configs = [generate.config({}), generate.spark_config({})]
        for config in configs:
            del config["log"]
            config["fixed"] = fixed
        one, other = (
            generate.finish(program, config) for program, config in zip((PLAIN, WITH_SPARK), configs, strict=True)
        )
        assert one.digest == other.digest
