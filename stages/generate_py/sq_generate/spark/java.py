"""The Java virtual machine of Spark's driver. It is started without a shell, because the images have none."""

from __future__ import annotations

import os
import re
import shutil
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from sq_stagekit import InputError

JAVA = 17
_FIX = "apt-get install openjdk-17-jre-headless, or use the image sq-generate-spark"
_VERSION = re.compile(r'version "(\d+)')
_SCALA = re.compile(r"spark-core_([0-9.]+)-")
_PAUSE_SECONDS = 0.1
_SHOWN_LINES = 5
_END_SECONDS = 10


@dataclass(frozen=True, slots=True)
class Gateway:
    """The port and secret with which pyspark connects to the driver."""

    port: int
    secret: str


class JavaMachine:
    """A driver that runs until `end` is called or this process ends, because it reads stdin to its end."""

    def __init__(self, process: subprocess.Popen, log: Path) -> None:
        self._process = process
        self._log = log

    @classmethod
    def start(cls, home: Path, settings: Mapping[str, str], folder: Path) -> JavaMachine:
        """Starts Spark's driver with settings.

        Args:
            home: pyspark's folder.
            folder: for the driver's log.

        Raises:
            InputError: there is no suitable Java, or Spark refuses the settings.
        """
        java = find_java()
        environment = os.environ | {
            "SPARK_HOME": str(home),
            "SPARK_SCALA_VERSION": scala_version(home),
            "SPARK_CONNECT_MODE": "0",
            "JAVA_HOME": str(Path(java).resolve().parents[1]),
            "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
            "_PYSPARK_DRIVER_CONN_INFO_PATH": str(folder / "gateway"),
        }
        if bind := settings.get("spark.driver.bindAddress"):
            # Otherwise Spark resolves this machine's host name, which fails in some containers.
            environment.setdefault("SPARK_LOCAL_IP", bind)
        command = _command(java, home, settings, environment)
        log = folder / "spark.log"
        with log.open("wb") as sink:
            process = subprocess.Popen(
                command,
                env=environment,
                stdin=subprocess.PIPE,
                stdout=sink,
                stderr=sink,
                start_new_session=True,
            )
        return cls(process, log)

    def gateway(self, folder: Path, check_stop: Callable[[], None]) -> Gateway:
        """Waits until the driver listens. Raises InputError if it ends instead."""
        place = folder / "gateway"
        while not place.exists():
            check_stop()
            if self._process.poll() is not None:
                raise InputError("spark", f"Spark did not start: {self.last_words()}", "correct master and settings")
            time.sleep(_PAUSE_SECONDS)
        content = place.read_bytes()
        port, length = struct.unpack_from(">ii", content)
        return Gateway(port, content[8 : 8 + length].decode())

    def last_words(self) -> str:
        """The last lines of its log without stack traces."""
        lines = self._log.read_text(encoding="utf-8", errors="replace").splitlines()
        words = [line.strip() for line in lines if line.strip() and not line.startswith(("\t", " "))]
        return "; ".join(words[-_SHOWN_LINES:]) or "there is no message"

    def end(self) -> None:
        """Asks the driver to end, and kills it if it does not."""
        self._process.stdin.close()
        try:
            self._process.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def find_java() -> str:
    """The path of a Java for Spark: that of JAVA_HOME, or the one on PATH. Raises InputError if there is none."""
    home = os.environ.get("JAVA_HOME")
    java = shutil.which("java", path=f"{home}/bin") if home else shutil.which("java")
    if java is None:
        raise InputError("engine", f"Spark needs Java {JAVA} or later, which is not {_where(home)}", _FIX)
    output = subprocess.run([java, "-version"], capture_output=True, text=True, check=False).stderr
    found = _VERSION.search(output)
    if found is None or int(found[1]) < JAVA:
        version = found[1] if found else "none"
        raise InputError("engine", f"Spark needs Java {JAVA} or later; the version of {java} is {version}", _FIX)
    return java


def scala_version(home: Path) -> str:
    """The Scala version in the names of Spark's libraries."""
    return next(found[1] for path in (home / "jars").iterdir() if (found := _SCALA.match(path.name)))


def _where(home: str | None) -> str:
    return f"below JAVA_HOME ({home})" if home else "on PATH"


def _command(java: str, home: Path, settings: Mapping[str, str], environment: Mapping[str, str]) -> list[str]:
    """The driver's command line, from Spark's launcher: it knows which settings are arguments of Java."""
    launcher = [java, "-Xmx128m", "-cp", f"{home}/jars/*", "org.apache.spark.launcher.Main"]
    submit = ["org.apache.spark.deploy.SparkSubmit"]
    for name, value in settings.items():
        submit += ["--conf", f"{name}={value}"]
    done = subprocess.run(
        [*launcher, *submit, "pyspark-shell"],
        env=environment,
        capture_output=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    _, mark, arguments = done.stdout.partition(b"\0\n")
    if done.returncode or not mark:
        lines = done.stderr.decode(errors="replace").strip().splitlines()
        # Java first prints the options that it took from the environment.
        message = next((line for line in lines if not line.startswith("Picked up ")), "there is no message")
        raise InputError("spark.settings", f"Spark refuses them: {message}", "correct them")
    return [argument.decode() for argument in arguments.rstrip(b"\0").split(b"\0")]
