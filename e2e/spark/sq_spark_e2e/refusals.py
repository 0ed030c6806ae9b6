"""Checks of configurations that sq-generate refuses."""

from __future__ import annotations

from sq_e2e.checks import Checks
from sq_e2e.servers import free_port
from sq_spark_e2e.program import (
    PLAIN,
    WITH_SPARK,
    Generate,
    expect_refusal,
)


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
            expect_refusal(generate.finish(program, config, environment), 2, words)
    with checks.check("a log that is mostly broken: exit 2, and the first lines are told before all are read"):
        broken = generate.folder / "broken.ndjson"
        broken.write_text(("}\n" * 4 + '{"user_query": "hat"}\n') * 1000)
        ending = generate.finish(WITH_SPARK, generate.spark_config({"uri": [str(broken)]}))
        expect_refusal(ending, 2, "4000 of 5000 lines of the log cannot be read")
        assert "1000 of 1249 lines of the log cannot be read" in ending.log, ending.log[-1500:]
    with checks.check("a master that does not answer: exit 75"):
        config = generate.spark_config(log, {"master": f"spark://127.0.0.1:{free_port()}"})
        expect_refusal(generate.finish(WITH_SPARK, config), 75, "")
