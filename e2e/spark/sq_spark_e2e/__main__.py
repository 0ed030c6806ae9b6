"""`bazel run //e2e:spark`: compares sq-generate on Spark with sq-generate on DuckDB. Ends with 'N passed, N failed'."""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import tempfile
import time
from pathlib import Path

from sq_e2e.checks import Checks
from sq_e2e.servers import free_port
from sq_spark_e2e import logs
from sq_spark_e2e.answers import differences
from sq_spark_e2e.program import (
    PLAIN,
    WITH_SPARK,
    Ending,
    Generate,
    await_,
    await_line,
    empty_folder,
    is_alive,
    java_of,
)
from sq_spark_e2e.servers import cluster, copy_below, store

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
            _expect(generate.spark(log | {"uri": ["s3://lake/nothing/"]}), 2, "log.uri[0]")


def check_refusals(checks: Checks, generate: Generate, log: dict) -> None:
    java_less = {"PATH": "/nonexistent", "JAVA_HOME": ""}
    cases = {
        "no pyspark": (PLAIN, generate.spark_config(log), {}, "sq-generate-spark"),
        "no Java": (WITH_SPARK, generate.spark_config(log), java_less, "openjdk-17-jre-headless"),
        "a master that is none": (WITH_SPARK, generate.spark_config(log, {"master": "nonsense"}), {}, "aster"),
        "a value that Spark refuses": (
            WITH_SPARK,
            generate.spark_config(log, {"settings": [{"name": "spark.task.cpus", "value": "many"}]}),
            {},
            "spark.task.cpus",
        ),
        "memory that Java refuses": (
            WITH_SPARK,
            generate.spark_config(log, {"settings": [{"name": "spark.driver.memory", "value": "1k"}]}),
            {},
            "spark",
        ),
        "a setting that is not Spark's": (
            WITH_SPARK,
            generate.spark_config(log, {"settings": [{"name": "memory", "value": "1g"}]}),
            {},
            "spark.settings[0].name",
        ),
        "options without the engine": (
            WITH_SPARK,
            generate.config(log, spark={"master": "local"}),
            {},
            "ENGINE_SPARK",
        ),
        "a column that is not there": (
            WITH_SPARK,
            generate.spark_config(log | {"columns": {"query": "nothing"}}),
            {},
            "log.columns.query",
        ),
    }
    for name, (program, config, environment, words) in cases.items():
        with checks.check(f"{name}: exit 2, and it says {words}"):
            _expect(generate.finish(program, config, environment), 2, words)
    with checks.check("a master that does not answer: exit 75"):
        config = generate.spark_config(log, {"master": f"spark://127.0.0.1:{free_port()}"})
        _expect(generate.finish(WITH_SPARK, config), 75, "")


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


def check_ends(checks: Checks, generate: Generate, log: dict) -> None:
    config = generate.spark_config(log)
    expected = generate.duckdb(log).digest
    with checks.check("kill -9 in the middle: Spark ends too, and a re-run gives the same digest"):
        run = generate.start(WITH_SPARK, config, "killed")
        java = java_of(run)
        time.sleep(3)  # the time of the kill is the input of the check
        os.kill(run.pid, signal.SIGKILL)
        run.communicate()
        await_(lambda: not is_alive(java), "Spark's driver to end", 60)
        again = generate.start(WITH_SPARK, config, "killed")
        handoff, log_text = again.communicate()
        assert again.returncode == 0, log_text[-2000:]
        assert json.loads(handoff)["digest"] == expected
    with checks.check("SIGTERM: exit 75 soon, Spark ends, nothing is published"):
        run = generate.start(WITH_SPARK, config, "stopped")
        java = java_of(run)
        await_line(run, "Spark runs")
        started = time.monotonic()
        run.send_signal(signal.SIGTERM)
        run.communicate(timeout=120)
        assert run.returncode == 75, run.returncode
        assert not is_alive(java), "Spark's driver still runs"
        assert not (generate.folder / "stopped/manifest.json").exists()
        print(f"     {time.monotonic() - started:.1f} s", flush=True)


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


def _expect(ending: Ending, code: int, words: str) -> None:
    assert ending.code == code, f"exit {ending.code}: {ending.log[-1500:]}"
    assert words in ending.log, ending.log[-1500:]
    assert "Traceback" not in ending.log, ending.log[-1500:]


def main() -> int:
    argparse.ArgumentParser(description=__doc__).parse_args()
    checks = Checks()
    with tempfile.TemporaryDirectory(prefix="sq-e2e-spark-") as name:
        folder = Path(name)
        generate = Generate(folder)
        written: dict[str, dict] = {}
        check_formats(checks, generate, folder, written)
        lake = written["Parquet by day"]
        check_store(checks, empty_folder(folder, "s3"), lake)
        check_refusals(checks, generate, lake)
        check_settings(checks, generate, folder, lake)
        check_ends(checks, generate, lake)
        check_cluster(checks, generate, empty_folder(folder, "cluster"), lake)
        with checks.check("every question, over logs with many ties: the same answers"):
            found = differences()
            assert not found, "\n".join(found)
    return checks.close()


if __name__ == "__main__":
    sys.exit(main())
