"""Chooses the engine."""

from __future__ import annotations

import importlib.util

from sq.v1.generate_config_pb2 import ENGINE_SPARK, GenerateConfig
from sq_generate.duckdb_engine import DuckDbEngine
from sq_generate.engine import Engine, Watch
from sq_generate.unreadable import Unreadable
from sq_stagekit import InputError, Work


def engine_of(config: GenerateConfig, work: Work) -> Engine:
    """Starts the engine that the configuration names. The caller closes it.

    Raises:
        InputError: Spark or Java is not installed, or Spark's options are wrong.
        TryAgainError: Spark's master does not answer.
    """

    def progress(done: int, total: int, unit: str) -> None:
        work.progress(done, total, unit=unit)

    watch = Watch(work.check_stop, progress, Unreadable(config, work.log).look)
    if config.engine != ENGINE_SPARK:
        return DuckDbEngine(watch)
    # Spark and the module that starts it are not part of programs without it.
    if importlib.util.find_spec("pyspark") is None:
        raise InputError(
            "engine", "this program does not include Spark", "use the image sq-generate-spark, or set ENGINE_DUCKDB"
        )
    from sq_generate.spark.engine import SparkEngine
    from sq_generate.spark.session import SparkApplication

    application = SparkApplication.start(config.spark, f"sq-generate {work.run_id} {work.market}", watch)
    work.log.info("started Spark", extra={"master": application.master, "application": application.application_id})
    return SparkEngine(application, watch)
