"""Checks of Spark's own settings."""

from __future__ import annotations

import json
from pathlib import Path

from sq_e2e.checks import Checks
from sq_spark_e2e.program import (
    Generate,
    empty_folder,
)


def check_settings(checks: Checks, generate: Generate, folder: Path, log: dict) -> None:
    with checks.check("master and settings stand in Spark's own environment"):
        events = empty_folder(folder, "events")
        scratch = empty_folder(folder, "scratch")
        settings = {
            "spark.eventLog.enabled": "true",
            "spark.eventLog.dir": events.as_uri(),
            "spark.eventLog.rolling.enabled": "false",
            "spark.eventLog.compress": "false",
            "spark.sql.shuffle.partitions": "7",
            "spark.driver.memory": "900m",
        }
        options = {
            "master": "local[1]",
            "scratch_folder": str(scratch),
            "settings": [{"name": name, "value": value} for name, value in settings.items()],
        }
        assert generate.spark(log, options).digest == generate.duckdb(log).digest
        (path,) = events.iterdir()
        found = [json.loads(line) for line in path.read_text().splitlines()]
        environment = next(event for event in found if event["Event"] == "SparkListenerEnvironmentUpdate")
        properties = dict(environment["Spark Properties"])
        wanted = settings | {"spark.master": "local[1]", "spark.local.dir": str(scratch)}
        assert {name: properties.get(name) for name in wanted} == wanted, properties
        assert not list(scratch.iterdir()), f"files remain in the scratch folder: {list(scratch.iterdir())}"
