"""An S3 server and a Spark cluster on this machine."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pyspark

from sq_e2e.places import ROOT
from sq_e2e.servers import free_port, running
from sq_generate.spark.java import find_java, scala_version
from sq_spark_e2e.program import await_

VERSITYGW = Path(os.environ.get("SQ_VERSITYGW") or ROOT / "bazel/testservers/versitygw")
_MASTER = "org.apache.spark.deploy.master.Master"
_WORKER = "org.apache.spark.deploy.worker.Worker"


@contextmanager
def store(folder: Path, bucket: str) -> Iterator[Mapping[str, str]]:
    """Runs an S3 server whose bucket has the files of folder/data/bucket. Yields variables for its clients."""
    port = free_port()
    keys = {"ROOT_ACCESS_KEY": "tester", "ROOT_SECRET_KEY": "not-a-secret"}
    sidecar = folder / "sidecar"
    sidecar.mkdir()
    (folder / "data" / bucket).mkdir(parents=True, exist_ok=True)
    command = [str(VERSITYGW), "--quiet", "--port", f"127.0.0.1:{port}", "posix", "--sidecar", str(sidecar)]
    log = folder / "store.log"
    with running([*command, str(folder / "data")], log, env=os.environ | keys) as server:
        await_(lambda: _listens(port, server, log), "the store")
        yield {
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
            "AWS_ACCESS_KEY_ID": "tester",
            "AWS_SECRET_ACCESS_KEY": "not-a-secret",
            "AWS_REGION": "us-east-1",
        }


@contextmanager
def cluster(folder: Path) -> Iterator[str]:
    """Runs a master and one worker, which starts executors as processes. Yields the master's URL."""
    home = Path(pyspark.__file__).parent
    environment = os.environ | {
        "SPARK_HOME": str(home),
        "SPARK_SCALA_VERSION": scala_version(home),
        "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
        "SPARK_LOCAL_IP": "127.0.0.1",
    }
    java = [find_java(), "-Xmx256m", "-cp", f"{home}/jars/*"]
    port = free_port()
    url = f"spark://127.0.0.1:{port}"
    master = [*java, _MASTER, "--host", "127.0.0.1", "--port", str(port), "--webui-port", "0"]
    worker = [*java, _WORKER, "--host", "127.0.0.1", "--webui-port", "0", "--cores", "2", "--memory", "1g"]
    log = folder / "master.log"
    with running(master, log, env=environment) as server:
        await_(lambda: _listens(port, server, log), "the master")
        with running([*worker, "--work-dir", str(folder / "work"), url], folder / "worker.log", env=environment):
            await_(lambda: "Registering worker" in log.read_text(errors="replace"), "the worker")
            yield url


def _listens(port: int, server: subprocess.Popen, log: Path) -> bool:
    if server.poll() is not None:
        raise RuntimeError(f"the server ended: {log.read_text(errors='replace')[-1000:]}")
    wanted = f"0100007F:{port:04X}"
    return any(wanted in Path(f"/proc/net/{name}").read_text() for name in ("tcp", "tcp6"))


def copy_below(source: Path, target: Path) -> None:
    """Copies a folder into a bucket of an S3 server on this machine."""
    shutil.copytree(source, target, dirs_exist_ok=True)
