"""Starts and ends Spark for one log."""

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
# Spark's messages if its master is not available, which may be temporary.
_UNREACHABLE = ("unresponsive", "Connection refused", "UnknownHost", "timed out", "stopped SparkContext")
_MISSING_PACKAGE = "ModuleNotFoundError"

# If Java ends during a call, the exception says so. py4j would log it too.
logging.getLogger("py4j").setLevel(logging.CRITICAL)

T = TypeVar("T")


class SparkApplication:
    """A Spark application.

    Attributes:
        session: None until it is connected to its master.
        scratch: a folder on each worker, or "".
        given: names of the settings in the configuration.
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
        """Starts Spark's driver and connects to its master.

        Raises:
            InputError: there is no suitable Java, or Spark refuses its options.
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
        """The result of an action of Spark. Reports progress while it runs.

        Args:
            unit: of progress.

        Raises:
            Stopped: the stage has to stop. Spark's jobs are cancelled.
            InputError: a package is missing on the workers.
            TryAgainError: Spark failed.
        """
        future = self._pool.submit(action)
        try:
            while True:
                try:
                    return future.result(timeout=_PAUSE_SECONDS)
                except TimeoutError:
                    self._watch.check_stop()
                    self._report(unit)
        except (PySparkException, Py4JError, OSError) as error:
            raise self._failure(error) from error
        except TryAgainError:
            if self.session is not None:
                self.session.sparkContext.cancelAllJobs()
            raise

    def close(self) -> None:
        """Stops the application and its driver, even if tasks are running."""
        if self.session is not None:
            stopping = threading.Thread(target=self._stop, daemon=True)
            stopping.start()
            stopping.join(_STOP_SECONDS)
        self._java.end()
        self._pool.shutdown()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _stop(self) -> None:
        # The driver may have ended, or be ending.
        with contextlib.suppress(PySparkException, Py4JError, OSError):
            self.session.stop()

    def _connect(self, gateway: Gateway) -> None:
        # Tells pyspark of the running driver, and of the Python interpreter for the workers.
        variables = {
            "PYSPARK_GATEWAY_PORT": str(gateway.port),
            "PYSPARK_GATEWAY_SECRET": gateway.secret,
            "PYSPARK_PYTHON": os.environ.get("PYSPARK_PYTHON") or sys.executable,
        }
        with _environment(variables):
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

    def _report(self, unit: str) -> None:
        if self.session is None:
            return
        tracker = self.session.sparkContext.statusTracker()
        stages = [tracker.getStageInfo(number) for number in tracker.getActiveStageIds()]
        known = [stage for stage in stages if stage is not None]
        if known:
            self._watch.progress(sum(s.numCompletedTasks for s in known), sum(s.numTasks for s in known), unit)

    def _failure(self, error: Exception) -> Exception:
        message = _message(error)
        if _MISSING_PACKAGE in str(error):
            return InputError("spark.master", f"the workers lack a package: {message}", "run them from this image")
        return TryAgainError(f"Spark failed: {message}")


def settings(options: SparkOptions, name: str, folder: Path) -> dict[str, str]:
    """All settings of Spark. Those of the options override the stage's own.

    Args:
        folder: for the driver's files.
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


def _message(error: Exception) -> str:
    """The text of an error without its stack trace."""
    java = getattr(error, "java_exception", None)
    text = java.getMessage() or java.toString() if java is not None else str(error)
    lines = [line.strip() for line in text.splitlines() if line.strip() and not line.startswith(("\t", " "))]
    return " ".join(lines)[:_SHOWN] or type(error).__name__
