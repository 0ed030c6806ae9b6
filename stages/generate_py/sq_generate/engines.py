"""Which engine counts."""

from __future__ import annotations

import importlib.util

from sq.v1.generate_config_pb2 import ENGINE_SPARK, GenerateConfig
from sq_generate.duckdb_engine import DuckDbEngine
from sq_generate.engine import Engine, Watch
from sq_stagekit import InputError, Work


def engine_of(config: GenerateConfig, work: Work) -> Engine:
    """The engine that the configuration names, started. To be closed.

    Raises:
        InputError: Spark or its Java is not there, or its options are not right.
        TryAgainError: Spark's master does not answer.
    """

    def progress(done: int, total: int, unit: str) -> None:
        work.progress(done, total, unit=unit)

    watch = Watch(work.check_stop, progress)
    if config.engine != ENGINE_SPARK:
        return DuckDbEngine(watch)
    # Neither Spark nor what starts it is part of programs that do not use it.
    if importlib.util.find_spec("pyspark") is None:
        raise InputError(
            "engine", "Spark is not part of this program", "take the image sq-generate-spark, or ENGINE_DUCKDB"
        )
    from sq_generate.spark.engine import SparkEngine
    from sq_generate.spark.session import SparkApplication

    application = SparkApplication.start(config.spark, f"sq-generate {work.run_id} {work.market}", watch)
    work.log.info("Spark runs", extra={"master": application.master, "application": application.application_id})
    return SparkEngine(application, watch)
