"""Airflow on this machine: API server, scheduler, DAG processor and triggerer, on PostgreSQL."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import secrets
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

_START_SECONDS = 300
_TOKEN_SECONDS = 600
_COMPONENTS = ("api-server", "scheduler", "dag-processor", "triggerer")
POOLS = {"sq_llm": (4, "Calls of models that are paid for"), "sq_search": (4, "The search endpoint")}


class Airflow:
    """Airflow in one folder.

    Args:
        folder: of its database, logs and secrets.
        port: of the API server, on the loopback interface.
        dags: folder of the DAGs.
        environment: what the DAGs read (SQ_*), and connections (AIRFLOW_CONN_*).
    """

    def __init__(self, folder: Path, port: int, dags: Path, environment: Mapping[str, str]) -> None:
        from postgres import Postgres

        self.folder = folder
        self.url = f"http://127.0.0.1:{port}"
        self._database = Postgres(folder / "postgres", _free_port())
        self._processes: dict[str, subprocess.Popen] = {}
        self._environment = {**os.environ, **settings(folder, port, dags, self._database.url), **environment}
        self._environment["PYTHONPATH"] = os.pathsep.join(path for path in sys.path if path)
        self._prepared = False
        self._bearer, self._token_until = "", 0.0

    def prepare(self) -> None:
        """The database, with its tables and pools: what needs nothing around Airflow."""
        (self.folder / "config").mkdir(parents=True, exist_ok=True)
        shutil.copy(Path(__file__).with_name("local_settings.py"), self.folder / "config/airflow_local_settings.py")
        self._database.start()
        self.command("db", "migrate")
        pools = {
            name: {"slots": n, "description": about, "include_deferred": True} for name, (n, about) in POOLS.items()
        }
        (self.folder / "pools.json").write_text(json.dumps(pools))
        self.command("pools", "import", str(self.folder / "pools.json"))
        self._prepared = True

    def start(self, **environment: str) -> None:
        """Starts everything and waits until it is healthy. Raises RuntimeError with the end of a log.

        Args:
            environment: more of what the constructor takes.
        """
        self._environment |= environment
        if not self._prepared:
            self.prepare()
        for component in _COMPONENTS:
            self.start_component(component)
        self._await_health()

    def start_component(self, name: str) -> None:
        """Starts one of api-server, scheduler, dag-processor, triggerer."""
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
        """Ends one of them and all it started: tasks are groups of processes of their own, and would outlive it."""
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
        """Ends everything, all at once."""
        with ThreadPoolExecutor() as pool:
            list(pool.map(self.stop_component, list(self._processes)))
        self._database.stop()

    def command(self, *arguments: str) -> str:
        """What `airflow ARGUMENTS` prints. Raises RuntimeError with what it complains of."""
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

    def request(self, method: str, path: str, body: Any = None) -> Any:
        """An answer of the REST API, such as GET /api/v2/dags."""
        request = urllib.request.Request(self.url + path, method=method)
        if body is not None:
            request.data = json.dumps(body).encode()
            request.add_header("Content-Type", "application/json")
        request.add_header("Authorization", f"Bearer {self._token()}")
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.loads(answer.read() or b"null")

    def _token(self) -> str:
        """Asked for again long before it ends (a day)."""
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
                    raise RuntimeError(f"{name} ended:\n{(self.folder / f'{name}.log').read_text()[-3000:]}")
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
    """All that a process started, and that those did."""
    try:
        return psutil.Process(pid).children(recursive=True)
    except psutil.NoSuchProcess:
        return []


def _kill(processes: Iterable[psutil.Process]) -> None:
    """Kills those that are still there; a number that another process has by now is left alone."""
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def settings(folder: Path, port: int, dags: Path, database: str) -> dict[str, str]:
    """Airflow's settings as variables. Keys are made once, and stay in the folder."""
    keys = _keys(folder)
    sections = {
        "CORE": {
            "DAGS_FOLDER": dags,
            "LOAD_EXAMPLES": False,
            "EXECUTOR": "LocalExecutor",
            "PARALLELISM": 16,
            "EXECUTION_API_SERVER_URL": f"http://127.0.0.1:{port}/execution/",
            "FERNET_KEY": keys["fernet"],
            # A person at this machine is its administrator; a site sets its own auth manager.
            "SIMPLE_AUTH_MANAGER_ALL_ADMINS": True,
        },
        # Connections of the API server: each of 16 tasks and the triggerer ask it, each second and all at once.
        "DATABASE": {"SQL_ALCHEMY_CONN": database, "SQL_ALCHEMY_POOL_SIZE": 20},
        "API": {
            "HOST": "127.0.0.1",
            "PORT": port,
            "WORKERS": 1,
            "BASE_URL": f"http://127.0.0.1:{port}",
            "SECRET_KEY": keys["api"],
        },
        "API_AUTH": {"JWT_SECRET": keys["jwt"]},
        # New files are looked for each half minute; those that are known are read again each ten minutes, as each costs
        # seconds.
        "DAG_PROCESSOR": {"REFRESH_INTERVAL": 30, "MIN_FILE_PROCESS_INTERVAL": 600, "PARSING_PROCESSES": 1},
        "SCHEDULER": {"SCHEDULER_HEARTBEAT_SEC": 2, "ENABLE_HEALTH_CHECK": False},
        "WORKERS": {
            # On a machine that is busy with pods, an answer takes longer than the usual 5 s.
            "EXECUTION_API_TIMEOUT": 60,
            # A worker learns so soon that its task has deferred. Where it learns it after the task has gone on, the
            # scheduler takes the task for killed (apache/airflow #72716): with the usual 5 s, that of most short pods.
            "MIN_HEARTBEAT_INTERVAL": 1,
        },
        "LOGGING": {"BASE_LOG_FOLDER": folder / "logs"},
        "USAGE_DATA_COLLECTION": {"ENABLED": False},
    }
    values = {
        f"AIRFLOW__{section}__{key}": str(value) for section, keys in sections.items() for key, value in keys.items()
    }
    return values | {"AIRFLOW_HOME": str(folder)}


def _keys(folder: Path) -> dict[str, str]:
    file = folder / "keys.json"
    if not file.exists():
        folder.mkdir(parents=True, exist_ok=True)
        file.touch(mode=0o600)
        fernet = base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()
        file.write_text(json.dumps({"fernet": fernet, "api": secrets.token_hex(32), "jwt": secrets.token_hex(32)}))
    return json.loads(file.read_text())
