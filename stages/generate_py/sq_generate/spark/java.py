"""The Java machine that runs Spark's driver, started without a shell, which images have not."""

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
_FIX = "apt-get install openjdk-17-jre-headless, or take the image sq-generate-spark"
_VERSION = re.compile(r'version "(\d+)')
_SCALA = re.compile(r"spark-core_([0-9.]+)-")
_PAUSE_SECONDS = 0.1
_SHOWN_LINES = 5
_END_SECONDS = 10


@dataclass(frozen=True, slots=True)
class Gateway:
    """Where pyspark talks to it."""

    port: int
    secret: str


class JavaMachine:
    """Runs until it is ended, or this process is: it reads stdin to its end."""

    def __init__(self, process: subprocess.Popen, log: Path) -> None:
        self._process = process
        self._log = log

    @classmethod
    def start(cls, home: Path, settings: Mapping[str, str], folder: Path) -> JavaMachine:
        """Starts Spark's driver with settings.

        Args:
            home: pyspark's folder.
            folder: for what it logs.

        Raises:
            InputError: there is no Java that does, or it refuses the settings.
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
            # Or it would look up this machine's name, which not every container can.
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
        """Waits until it listens. Raises InputError where it ends instead."""
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
        """The last lines it logged that are no stack trace."""
        lines = self._log.read_text(encoding="utf-8", errors="replace").splitlines()
        words = [line.strip() for line in lines if line.strip() and not line.startswith(("\t", " "))]
        return "; ".join(words[-_SHOWN_LINES:]) or "it said nothing"

    def end(self) -> None:
        """Lets it end, and ends it where it does not."""
        self._process.stdin.close()
        try:
            self._process.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def find_java() -> str:
    """The path of a Java that Spark runs on: JAVA_HOME's, or the one on PATH. Raises InputError."""
    home = os.environ.get("JAVA_HOME")
    java = shutil.which("java", path=f"{home}/bin") if home else shutil.which("java")
    if java is None:
        raise InputError("engine", f"Spark needs Java {JAVA}, which is not {_where(home)}", _FIX)
    said = subprocess.run([java, "-version"], capture_output=True, text=True, check=False).stderr
    found = _VERSION.search(said)
    if found is None or int(found[1]) < JAVA:
        version = found[1] if found else "none"
        raise InputError("engine", f"Spark needs Java {JAVA}, and the version of {java} is {version}", _FIX)
    return java


def scala_version(home: Path) -> str:
    """Part of the names of Spark's own libraries."""
    return next(found[1] for path in (home / "jars").iterdir() if (found := _SCALA.match(path.name)))


def _where(home: str | None) -> str:
    return f"below JAVA_HOME ({home})" if home else "on PATH"


def _command(java: str, home: Path, settings: Mapping[str, str], environment: Mapping[str, str]) -> list[str]:
    """The command line of the driver, by Spark's own launcher: it knows what settings are arguments of Java."""
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
        # Java tells of options out of its environment first.
        said = next((line for line in lines if not line.startswith("Picked up ")), "it said nothing")
        raise InputError("spark.settings", f"Spark refuses them: {said}", "correct them")
    return [argument.decode() for argument in arguments.rstrip(b"\0").split(b"\0")]
