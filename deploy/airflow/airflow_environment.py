"""Airflow's settings as environment variables."""

from __future__ import annotations

import base64
import json
import secrets
from pathlib import Path


def airflow_environment(folder: Path, port: int, dags: Path, database: str) -> dict[str, str]:
    """Airflow's settings as environment variables. Keys are made once and kept in the folder."""
    keys = _keys(folder)
    sections = {
        "CORE": {
            "DAGS_FOLDER": dags,
            "LOAD_EXAMPLES": False,
            "EXECUTOR": "LocalExecutor",
            "PARALLELISM": 16,
            "EXECUTION_API_SERVER_URL": f"http://127.0.0.1:{port}/execution/",
            "FERNET_KEY": keys["fernet"],
            # Everybody at this machine is an administrator. A production site sets its own auth manager.
            "SIMPLE_AUTH_MANAGER_ALL_ADMINS": True,
        },
        # The API server needs a connection for each of 16 tasks and the triggerer: all call it every second.
        "DATABASE": {"SQL_ALCHEMY_CONN": database, "SQL_ALCHEMY_POOL_SIZE": 20},
        "API": {
            "HOST": "127.0.0.1",
            "PORT": port,
            "WORKERS": 1,
            "BASE_URL": f"http://127.0.0.1:{port}",
            "SECRET_KEY": keys["api"],
        },
        "API_AUTH": {"JWT_SECRET": keys["jwt"]},
        # Look for new files every half minute. Parse known files only every ten minutes: each takes seconds.
        "DAG_PROCESSOR": {"REFRESH_INTERVAL": 30, "MIN_FILE_PROCESS_INTERVAL": 600, "PARSING_PROCESSES": 1},
        "SCHEDULER": {"SCHEDULER_HEARTBEAT_SEC": 2, "ENABLE_HEALTH_CHECK": False},
        "WORKERS": {
            # On a machine that is busy with pods, an answer takes longer than the default of 5 s.
            "EXECUTION_API_TIMEOUT": 60,
            # A worker must notice a deferral before the task resumes; otherwise the scheduler takes the task for
            # killed (apache/airflow #72716). With the default of 5 s that happens to most short pods.
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
