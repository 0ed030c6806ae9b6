"""Airflow on this machine: API server, scheduler, DAG processor and triggerer, on PostgreSQL."""

from __future__ import annotations

import contextlib
import json
import os
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psutil
from airflow_environment import airflow_environment
from postgres import Postgres

_START_SECONDS = 300
_TOKEN_SECONDS = 600
_COMPONENTS = ("api-server", "scheduler", "dag-processor", "triggerer")


class Airflow:
    """An Airflow whose files are in one folder.

    Args:
        folder: for its database, logs and secrets.
        port: of the API server, on the loopback interface.
        dags: folder of the DAGs.
        environment: variables for the DAGs (SQ_*), and connections (AIRFLOW_CONN_*).
    """

    def __init__(self, folder: Path, port: int, dags: Path, environment: Mapping[str, str]) -> None:
        self.folder = folder
        self.url = f"http://127.0.0.1:{port}"
        self._database = Postgres(folder / "postgres", _free_port())
        self._processes: dict[str, subprocess.Popen] = {}
        self._environment = {**os.environ, **airflow_environment(folder, port, dags, self._database.url), **environment}
        self._environment["PYTHONPATH"] = os.pathsep.join(path for path in sys.path if path)
        self._prepared = False
        self._bearer, self._token_until = "", 0.0

    def prepare(self) -> None:
        """Starts the database, and makes its tables and pools."""
        (self.folder / "config").mkdir(parents=True, exist_ok=True)
        shutil.copy(Path(__file__).with_name("local_settings.py"), self.folder / "config/airflow_local_settings.py")
        self._database.start()
        self.command("db", "migrate")
        self.command("pools", "import", str(Path(__file__).with_name("pools.json")))
        self._prepared = True

    def start(self, **environment: str) -> None:
        """Starts all components and waits until they are healthy. Raises RuntimeError with the end of a log.

        Args:
            environment: further variables, as in the constructor.
        """
        self._environment |= environment
        if not self._prepared:
            self.prepare()
        for component in _COMPONENTS:
            self.start_component(component)
        self._await_health()

    def start_component(self, name: str) -> None:
        """Starts api-server, scheduler, dag-processor or triggerer."""
        with (self.folder / f"{name}.log").open("ab") as log:
            self._processes[name] = subprocess.Popen(
                [sys.executable, "-m", "airflow", name],
                env=self._environment,
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def stop_component(self, name: str, how: int = signal.SIGTERM) -> None:
        """Ends one component and its processes. Tasks have process groups of their own and would outlive it."""
        process = self._processes.pop(name)
        started = _started(process.pid)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, how)
        if how == signal.SIGKILL:
            _kill(started)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        _kill(started)

    def stop(self) -> None:
        """Ends all components at once."""
        with ThreadPoolExecutor() as pool:
            list(pool.map(self.stop_component, list(self._processes)))
        self._database.stop()

    def command(self, *arguments: str) -> str:
        """The output of `airflow ARGUMENTS`. Raises RuntimeError with its stderr."""
        done = subprocess.run(
            [sys.executable, "-m", "airflow", *arguments],
            env=self._environment,
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"airflow {' '.join(arguments)}: {done.stderr[-2000:]}")
        return done.stdout

    def write_command(self) -> Path:
        """Writes a program that is the command `airflow` of this Airflow, and returns its path."""
        program = self.folder / "bin/airflow"
        program.parent.mkdir(exist_ok=True)
        program.touch(mode=0o700)  # It holds secrets.
        own = {name: value for name, value in self._environment.items() if os.environ.get(name) != value}
        exports = [f"export {name}={shlex.quote(value)}" for name, value in sorted(own.items())]
        command = f'exec {shlex.quote(sys.executable)} -m airflow "$@"'
        program.write_text("\n".join(["#!/bin/sh", *exports, command, ""]))
        return program

    def installed(self, **environment: str) -> tuple[int, str]:
        """The exit code and the lines of `python -m sq_airflow.installed`, where a task would run.

        Args:
            environment: variables to change.
        """
        done = subprocess.run(
            [sys.executable, "-m", "sq_airflow.installed"],
            env=self._environment | environment,
            cwd=self._environment["AIRFLOW__CORE__DAGS_FOLDER"],
            capture_output=True,
            text=True,
            check=False,
        )
        return done.returncode, done.stdout + done.stderr

    def request(self, method: str, path: str, body: Any = None) -> Any:
        """The answer of the REST API to a request such as GET /api/v2/dags."""
        request = urllib.request.Request(self.url + path, method=method)
        if body is not None:
            request.data = json.dumps(body).encode()
            request.add_header("Content-Type", "application/json")
        request.add_header("Authorization", f"Bearer {self._token()}")
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.loads(answer.read() or b"null")

    def _token(self) -> str:
        """A token of the API. It is renewed long before it expires (a day)."""
        if time.monotonic() > self._token_until:
            with urllib.request.urlopen(self.url + "/auth/token", timeout=60) as answer:
                self._bearer = json.loads(answer.read())["access_token"]
            self._token_until = time.monotonic() + _TOKEN_SECONDS
        return self._bearer

    def _await_health(self) -> None:
        deadline = time.monotonic() + _START_SECONDS
        while not self._healthy():
            for name, process in self._processes.items():
                if process.poll() is not None:
                    raise RuntimeError(f"{name} stopped:\n{(self.folder / f'{name}.log').read_text()[-3000:]}")
            if time.monotonic() > deadline:
                raise RuntimeError(f"Airflow is not healthy after {_START_SECONDS} s; logs: {self.folder}")
            time.sleep(1)

    def _healthy(self) -> bool:
        try:
            with urllib.request.urlopen(self.url + "/api/v2/monitor/health", timeout=5) as answer:
                health = json.loads(answer.read())
        except (urllib.error.URLError, OSError, ValueError):
            return False
        return all(part and part["status"] == "healthy" for part in health.values())


def _started(pid: int) -> list[psutil.Process]:
    """All descendants of a process."""
    try:
        return psutil.Process(pid).children(recursive=True)
    except psutil.NoSuchProcess:
        return []


def _kill(processes: Iterable[psutil.Process]) -> None:
    """Kills the processes that still run. psutil does not kill a process that reuses a number."""
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]
