"""`python -m sq_airflow.installed`: whether this Airflow has all that the DAGs need. Run it where a task would run.

Prints a line for each thing: ok, warn or FAIL, what was found, and the fix. Ends with 2 if something failed.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import metadata

from airflow.configuration import conf
from airflow.exceptions import AirflowException
from airflow.executors.base_executor import BaseExecutor
from airflow.models.connection import Connection
from airflow.models.pool import Pool
from packaging.version import Version
from sqlalchemy.exc import SQLAlchemyError

from sq_airflow import store
from sq_airflow.installed_cluster import cluster_problems, clusters
from sq_airflow.places import Places
from sq_airflow.run_files import RunFiles, shards_of
from sq_airflow.stage_pool import pool_of
from sq_airflow.storage_failure import StorageError

# The versions that the checks of this repository ran with. Older ones lack what the DAGs use, or have known faults.
TESTED = {
    "apache-airflow-core": "3.3.2",
    "apache-airflow-providers-cncf-kubernetes": "10.25.0",
    "apache-airflow-providers-http": "6.3.0",
    "apache-airflow-providers-smtp": "3.2.0",
    "apache-airflow-providers-standard": "1.21.0",
}
# What reads the storage, by the scheme of workspace_uri.
STORAGE = {
    "s3": {"apache-airflow-providers-amazon": "9.39.0", "s3fs": "2024.1.0"},
    "gs": {"apache-airflow-providers-google": "17.0.0", "gcsfs": "2024.1.0"},
}
_LOCAL_SETTINGS = "copy deploy/airflow/local_settings.py to $AIRFLOW_HOME/config/airflow_local_settings.py"
_EXIT_FAILED = 2


class NotInstalledError(Exception):
    """Something is missing or wrong. The text says what, and the fix."""


@dataclass(frozen=True)
class Line:
    """What was found of one thing. `detail` holds the fix where it is not in order."""

    status: str
    name: str
    detail: str

    def __str__(self) -> str:
        return f"{self.status:4} {self.name}: {self.detail}"


def main() -> int:
    lines = list(look(Places.from_environment()))
    for line in lines:
        print(line)
    return _EXIT_FAILED if any(line.status == "FAIL" for line in lines) else 0


def look(places: Places) -> Iterator[Line]:
    """A line for each thing that the DAGs need, in the order in which one installs them."""
    for package, tested in TESTED.items():
        yield _version(package, tested)
    yield _line("local settings", _local_settings)
    yield _line("workers.min_heartbeat_interval", _heartbeat)
    try:
        files = RunFiles.read(places)
    except OSError as error:
        fix = "lay it beside the DAGs, or name it in SQ_PIPELINE, SQ_IMAGES_LOCK, SQ_RUN_CONFIG or SQ_AIRFLOW_SETTINGS"
        yield Line("FAIL", "files", f"{error.filename} cannot be read: {error.strerror}; {fix}")
        return
    except ValueError as error:
        yield Line("FAIL", "files", str(error))
        return
    yield Line("ok", "files", ", ".join(map(str, (places.pipeline, places.images, places.run_config, places.settings))))
    scheme = files.run.workspace_uri.partition("://")[0]
    for package, least in STORAGE.get(scheme, {}).items():
        yield _version(package, least)
    for conn_id, why in _connections(files, scheme).items():
        yield _line(f"connection {conn_id}", lambda conn_id=conn_id, why=why: _connection(conn_id, why))
    yield _line("storage", lambda: _storage(files))
    for pool in sorted(_pools(files)):
        yield _pool(pool)
    for where, pods in clusters(files).items():
        problems = cluster_problems(pods)
        yield from (Line("FAIL", where, problem) for problem in problems)
        if not problems:
            yield Line("ok", where, f"its API server answers, and Airflow may do all it has to in {pods.namespace}")


def _line(name: str, find: Callable[[], str]) -> Line:
    try:
        return Line("ok", name, find())
    except NotInstalledError as problem:
        return Line("FAIL", name, str(problem))


def _version(package: str, tested: str) -> Line:
    try:
        found = metadata.version(package)
    except metadata.PackageNotFoundError:
        return Line("FAIL", package, f"is not installed; install {package}>={tested}")
    if Version(found) < Version(tested):
        return Line("warn", package, f"{found} is older than {tested}, with which the DAGs were tested")
    return Line("ok", package, found)


def _local_settings() -> str:
    if BaseExecutor.has_task.__name__ == "has_task":
        raise NotInstalledError(f"are not those of sq, so short deferred tasks may fail; {_LOCAL_SETTINGS}")
    return "a task that resumes is not taken for killed"


def _heartbeat() -> str:
    seconds = conf.getint("workers", "min_heartbeat_interval")
    if seconds > 1:
        raise NotInstalledError(f"is {seconds}, so short deferred tasks may fail; set it to 1")
    return str(seconds)


def _connections(files: RunFiles, scheme: str) -> dict[str, str]:
    """Ids of the connections that the settings name, and what each is for."""
    settings = files.settings
    found = {pods.kubernetes_conn_id: "the cluster" for pods in clusters(files).values()}
    if scheme != "file":
        found[settings.storage_conn_id] = "the storage of artefacts"
    if settings.mail_to:
        found[settings.smtp_conn_id] = "mails"
    if settings.webhook_conn_id:
        found[settings.webhook_conn_id] = "the webhook"
    return {conn_id: why for conn_id, why in found.items() if conn_id}


def _connection(conn_id: str, why: str) -> str:
    try:
        found = Connection.get_connection_from_secrets(conn_id)
    except AirflowException as error:
        raise NotInstalledError(f"cannot be read ({error}); add it in Airflow or in its secrets backend") from error
    return f"of type {found.conn_type}, for {why}"


def _storage(files: RunFiles) -> str:
    uri = files.run.workspace_uri
    try:
        store.exists(uri, files.settings.storage_conn_id)
    except StorageError as error:
        raise NotInstalledError(f"{error}; check workspace_uri and the connection") from error
    return f"{uri} can be read"


def _pools(files: RunFiles) -> set[str]:
    """The pools of all tasks."""
    markets = [*files.run.markets, None]
    stages = (
        files.stage_task(node, market)
        for node in files.wiring.pipeline.nodes
        for market in markets
        if node.per_market == (market is not None) and shards_of(node, market)
    )
    return {pool_of(stage) for stage in stages} - {Pool.DEFAULT_POOL_NAME}


def _pool(name: str) -> Line:
    try:
        found = Pool.get_pool(name)
    except SQLAlchemyError as error:
        about = str(error).partition("\n")[0]
        return Line(
            "FAIL", f"pool {name}", f"Airflow's database cannot be read: {about}; run this beside the scheduler"
        )
    if found is None:
        fix = f"airflow pools set {name} 4 'tasks at once' --include-deferred"
        return Line("FAIL", f"pool {name}", f"does not exist, so its tasks never start; {fix}")
    if not found.include_deferred:
        return Line(
            "warn", f"pool {name}", "does not count deferred tasks, so it bounds no pods; set --include-deferred"
        )
    return Line("ok", f"pool {name}", f"{found.slots} slots")


if __name__ == "__main__":
    sys.exit(main())
