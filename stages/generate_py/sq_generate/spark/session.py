"""Starts Spark for one log, and ends it."""

from __future__ import annotations

import contextlib
import logging
import os
import shutil
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

import pyspark
from py4j.protocol import Py4JError
from pyspark.errors import PySparkException
from pyspark.java_gateway import launch_gateway
from pyspark.sql import SparkSession

from sq.v1.generate_config_pb2 import SparkOptions
from sq_generate.engine import Watch
from sq_generate.spark.java import Gateway, JavaMachine
from sq_stagekit import InputError, Stopped, TryAgainError

MASTER = "local[*]"
_PAUSE_SECONDS = 0.2
_STOP_SECONDS = 8
_SHOWN = 300
# What Spark says where its master is not there, which may pass.
_UNREACHABLE = ("unresponsive", "Connection refused", "UnknownHost", "timed out", "stopped SparkContext")
_MISSING_PACKAGE = "ModuleNotFoundError"

# Where Java ends in the middle of an answer, what is raised says so.
logging.getLogger("py4j").setLevel(logging.CRITICAL)

T = TypeVar("T")


class SparkApplication:
    """One application.

    Attributes:
        session: None until it is connected with its master.
        scratch: a folder on each worker, or empty.
        given: names of the settings of the configuration.
    """

    def __init__(self, java: JavaMachine, folder: Path, options: SparkOptions, watch: Watch) -> None:
        self.master = options.master or MASTER
        self.scratch = options.scratch_folder
        self.given = frozenset(setting.name for setting in options.settings)
        self.session: SparkSession | None = None
        self._java = java
        self._folder = folder
        self._watch = watch
        self._pool = ThreadPoolExecutor(1, "spark")

    @classmethod
    def start(cls, options: SparkOptions, name: str, watch: Watch) -> SparkApplication:
        """Starts Spark's driver and connects with its master.

        Raises:
            InputError: there is no Java, or Spark refuses its options.
            TryAgainError: the master does not answer.
        """
        folder = Path(tempfile.mkdtemp(prefix="sq-spark-"))
        try:
            java = JavaMachine.start(Path(pyspark.__file__).parent, settings(options, name, folder), folder)
        except BaseException:
            shutil.rmtree(folder)
            raise
        application = cls(java, folder, options, watch)
        try:
            application._connect(java.gateway(folder, watch.check_stop))
        except BaseException:
            application.close()
            raise
        return application

    @property
    def application_id(self) -> str:
        return self.session.sparkContext.applicationId

    def run(self, action: Callable[[], T], unit: str) -> T:
        """What an action of Spark gives, told of while it runs.

        Args:
            unit: what its tasks are called.

        Raises:
            Stopped: the stage is to stop; Spark's jobs are then cancelled.
            InputError: the workers lack what the tasks need.
            TryAgainError: Spark fails.
        """
        future = self._pool.submit(action)
        try:
            while True:
                try:
                    return future.result(timeout=_PAUSE_SECONDS)
                except TimeoutError:
                    self._watch.check_stop()
                    self._tell(unit)
        except (PySparkException, Py4JError, OSError) as error:
            raise self._failure(error) from error
        except TryAgainError:
            if self.session is not None:
                self.session.sparkContext.cancelAllJobs()
            raise

    def close(self) -> None:
        """Stops the application and its driver, whose tasks may be at work."""
        if self.session is not None:
            stopping = threading.Thread(target=self._stop, daemon=True)
            stopping.start()
            stopping.join(_STOP_SECONDS)
        self._java.end()
        self._pool.shutdown()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _stop(self) -> None:
        # The driver may be gone, or on its way.
        with contextlib.suppress(PySparkException, Py4JError, OSError):
            self.session.stop()

    def _connect(self, gateway: Gateway) -> None:
        # How pyspark is told of a driver that runs, and of the interpreter of the workers.
        told = {
            "PYSPARK_GATEWAY_PORT": str(gateway.port),
            "PYSPARK_GATEWAY_SECRET": gateway.secret,
            "PYSPARK_PYTHON": os.environ.get("PYSPARK_PYTHON") or sys.executable,
        }
        with _environment(told):
            pyspark.SparkContext._gateway = None
            pyspark.SparkContext._ensure_initialized(gateway=launch_gateway())
            self._open()

    def _open(self) -> None:
        try:
            self.session = self.run(SparkSession.builder.getOrCreate, "")
        except TryAgainError as error:
            if isinstance(error, Stopped) or any(words in str(error) for words in _UNREACHABLE):
                raise
            raise InputError("spark", str(error), "correct master and settings") from error

    def _tell(self, unit: str) -> None:
        if self.session is None:
            return
        tracker = self.session.sparkContext.statusTracker()
        stages = [tracker.getStageInfo(number) for number in tracker.getActiveStageIds()]
        known = [stage for stage in stages if stage is not None]
        if known:
            self._watch.progress(sum(s.numCompletedTasks for s in known), sum(s.numTasks for s in known), unit)

    def _failure(self, error: Exception) -> Exception:
        said = _words(error)
        if _MISSING_PACKAGE in str(error):
            return InputError("spark.master", f"its workers lack a package: {said}", "run them from this image")
        return TryAgainError(f"Spark failed: {said}")


def settings(options: SparkOptions, name: str, folder: Path) -> dict[str, str]:
    """All settings: ours, and over them those of the options.

    Args:
        folder: for what the driver writes.
    """
    master = options.master or MASTER
    ours = {
        "spark.master": master,
        "spark.app.name": name,
        "spark.ui.enabled": "false",
        "spark.log.level": "WARN",
        "spark.sql.warehouse.dir": str(folder),
        "spark.sql.session.timeZone": "UTC",
        "spark.local.dir": options.scratch_folder or tempfile.gettempdir(),
    }
    if master.startswith("local"):
        ours |= {"spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1"}
    return ours | {setting.name: setting.value for setting in options.settings}


@contextlib.contextmanager
def _environment(added: Mapping[str, str]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in added}
    os.environ |= added
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _words(error: Exception) -> str:
    """What it says, without its stack trace."""
    java = getattr(error, "java_exception", None)
    text = java.getMessage() or java.toString() if java is not None else str(error)
    lines = [line.strip() for line in text.splitlines() if line.strip() and not line.startswith(("\t", " "))]
    return " ".join(lines)[:_SHOWN] or type(error).__name__
