"""A private PostgreSQL on the loopback interface, with all files in one folder."""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import subprocess
import time
from pathlib import Path

_START_SECONDS = 120


class Postgres:
    """One server with one database, `airflow`. A new folder gets a new password.

    Args:
        folder: for data, log and password; created if missing. As root, the user postgres becomes its owner.
    """

    def __init__(self, folder: Path, port: int) -> None:
        self._folder = folder
        self._port = port
        self._server: subprocess.Popen | None = None

    @property
    def url(self) -> str:
        return f"postgresql+psycopg2://airflow:{self._password()}@127.0.0.1:{self._port}/airflow"

    def start(self) -> None:
        """Starts the server; creates the database the first time. Raises RuntimeError with the end of its log."""
        data, first = self._folder / "data", not (self._folder / "data/PG_VERSION").exists()
        self._folder.mkdir(parents=True, exist_ok=True)
        if first:
            self._password()
            self._own()
            self._run(
                "initdb",
                "-D",
                data,
                "-U",
                "airflow",
                "-A",
                "scram-sha-256",
                "--pwfile",
                self._folder / "password",
            )
        with (self._folder / "log").open("ab") as log:
            self._server = subprocess.Popen(
                [
                    _program("postgres"),
                    "-D",
                    data,
                    "-p",
                    str(self._port),
                    "-h",
                    "127.0.0.1",
                    "-k",
                    self._folder,
                    "-F",
                ],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                **_another_user(),
            )
        self._await()
        if first:
            self._run("createdb", "-h", "127.0.0.1", "-p", str(self._port), "-U", "airflow", "airflow")

    def stop(self) -> None:
        if self._server and self._server.poll() is None:
            self._server.terminate()
            self._server.wait()

    def _await(self) -> None:
        deadline = time.monotonic() + _START_SECONDS
        ready = [_program("pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(self._port)]
        while subprocess.run(ready, check=False).returncode:
            if self._server.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"PostgreSQL did not start:\n{(self._folder / 'log').read_text()[-2000:]}")
            time.sleep(0.2)

    def _password(self) -> str:
        file = self._folder / "password"
        if not file.exists():
            self._folder.mkdir(parents=True, exist_ok=True)
            file.touch(mode=0o600)
            file.write_text(secrets.token_hex(16))
        return file.read_text()

    def _own(self) -> None:
        if os.getuid() == 0:
            for path in [self._folder, *self._folder.rglob("*")]:
                shutil.chown(path, "postgres", "postgres")

    def _run(self, program: str, *arguments: object) -> None:
        environment = os.environ | {"PGPASSWORD": self._password()}
        command = [_program(program), *map(str, arguments)]
        done = subprocess.run(
            command, check=False, env=environment, capture_output=True, text=True, cwd="/", **_another_user()
        )
        if done.returncode:
            raise RuntimeError(f"{program}: {done.stderr}")


def _program(name: str) -> str:
    """A program of PostgreSQL. Debian has them in a folder of the server's version."""
    found = [*sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), reverse=True), shutil.which(name)]
    if not found[0]:
        raise RuntimeError(f"{name} was not found: run apt-get install postgresql")
    return str(found[0])


def _another_user() -> dict:
    """The user for the server's processes, since PostgreSQL refuses to run as root."""
    if os.getuid():
        return {}
    user = pwd.getpwnam("postgres")
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
