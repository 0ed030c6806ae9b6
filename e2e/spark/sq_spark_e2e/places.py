"""Checks of a log on S3, and of a Spark cluster."""

from __future__ import annotations

from pathlib import Path

from sq_e2e.checks import Checks
from sq_spark_e2e.program import (
    Generate,
    empty_folder,
    expect_refusal,
)
from sq_spark_e2e.servers import cluster, copy_below, store


def check_store(checks: Checks, folder: Path, log: dict) -> None:
    """Compares both engines over Parquet files on S3, which Spark's tasks read themselves."""
    copy_below(Path(log["uri"][0]), folder / "data/lake/queries")
    with store(folder, "lake") as environment:
        generate = Generate(empty_folder(folder, "runs"), environment)
        on_s3 = log | {"uri": ["s3://lake/queries/"]}
        with checks.check("Parquet by day on s3://: the same digest as DuckDB's from s3:// and from files"):
            found = generate.spark(on_s3)
            assert found.digest == generate.duckdb(on_s3).digest == generate.duckdb(log).digest
        with checks.check("no such folder on s3://: exit 2, and it says log.uri"):
            expect_refusal(generate.spark(log | {"uri": ["s3://lake/nothing/"]}), 2, "log.uri[0]")


def check_cluster(checks: Checks, generate: Generate, folder: Path, log: dict) -> None:
    with cluster(folder) as master, checks.check("a master with a worker: executors of their own, the same digest"):
        settings = {
            "spark.executor.memory": "600m",
            "spark.cores.max": "2",
            "spark.driver.host": "127.0.0.1",
            "spark.driver.bindAddress": "127.0.0.1",
        }
        listed = [{"name": name, "value": value} for name, value in settings.items()]
        found = generate.spark(log, {"master": master, "settings": listed})
        assert found.digest == generate.duckdb(log).digest
        assert (folder / "worker.log").read_text(errors="replace").count("Launch"), "no executor was launched"
