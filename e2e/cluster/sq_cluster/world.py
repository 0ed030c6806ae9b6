"""Starts all that a run on the cluster needs, and ends it again."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from sq_cluster import places
from sq_cluster.servers import Mailbox, Registry, Storage, free_port, mailbox, registry, search, storage

sys.path.insert(0, str(places.ROOT / "deploy/airflow"))
from server import Airflow  # noqa: E402: its folder has no package, so that it runs on its own

HOST = "10.244.0.1"  # of the bridge that pods hang on
REGISTRY = "registry.sq"
BUCKET = "sq-runs"
NAMESPACE = "sq"


@dataclass
class World:
    """A cluster, the servers around it, and Airflow.

    Attributes:
        home: of the cluster: what is built, what runs.
        search_url: the sample shop's, as pods and this machine reach it.
        config: the sample's run configuration (YAML), small, uk in two shards.
    """

    folder: Path
    home: Path
    registry: Registry
    storage: Storage
    search_url: str
    mailbox: Mailbox
    config: Path
    airflow: Airflow

    def kubectl(self, *arguments: str, given: str | None = None) -> str:
        """What kubectl prints. Raises RuntimeError with what it complains of."""
        done = subprocess.run(
            [str(self.home / "bin/kubectl"), *arguments],
            env={**os.environ, "KUBECONFIG": str(self.home / "run1/admin.kubeconfig")},
            input=given,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"kubectl {' '.join(arguments)}: {done.stderr}")
        return done.stdout

    def script(self, name: str, *arguments: str) -> None:
        """Runs a script of deploy/kube."""
        environment = {**os.environ, "SQ_KUBE_HOME": str(self.home)}
        environment |= {"SQ_REGISTRY_HOST": REGISTRY, "SQ_REGISTRY_URL": self.registry.url}
        subprocess.run([places.KUBE / name, *arguments], check=True, env=environment)

    @property
    def artefacts(self) -> Path:
        """Where the S3 server keeps the bucket's objects."""
        return self.folder / "storage/data" / BUCKET


@contextmanager
def world(folder: Path, home: Path) -> Iterator[World]:
    """Everything up; down again at the end, whatever happened."""
    with ExitStack() as stack:
        kept = stack.enter_context(registry(folder / "registry", [REGISTRY]))
        box = stack.enter_context(mailbox())
        config = _sample(folder / "sample")
        made = World(folder, home, kept, None, "", box, config, None)
        _push(kept, folder)
        made.script("build.sh")
        made.script("down.sh")
        stack.callback(made.script, "down.sh")
        made.script("up.sh")
        (folder / "storage").mkdir()
        made.storage = stack.enter_context(storage(places.VERSITYGW, folder / "storage", HOST, [BUCKET]))
        made.search_url = stack.enter_context(search(places.SEARCHD, places.SAMPLE, folder / "search.log", HOST))
        _manifests(made)
        made.airflow = _airflow(made)
        stack.callback(made.airflow.stop)
        made.airflow.start()
        yield made


def _sample(folder: Path) -> Path:
    """The sample market in a folder, with a smaller configuration."""
    shutil.copytree(places.SAMPLE, folder, symlinks=False)
    text = (folder / "sample.yaml").read_text(encoding="utf-8")
    for old, new in (
        ("segments: 130", "segments: 12"),
        ("tail_segments: 10", "tail_segments: 2"),
        ("queries_per_segment: 10", "queries_per_segment: 2"),
        ("market: uk\n", "market: uk\n    shards: 2\n"),
    ):
        if old not in text:
            raise RuntimeError(f"the sample's configuration has no {old!r} any more")
        text = text.replace(old, new)
    (folder / "small.yaml").write_text(text, encoding="utf-8")
    for path in [folder, *folder.rglob("*")]:
        path.chmod(0o755 if path.is_dir() else 0o644)
    return folder / "small.yaml"


def _push(registry_: Registry, folder: Path) -> None:
    """Pushes the images and locks them by their digests."""
    images = {}
    for name in (*places.IMAGES, "sq-xcom-sidecar"):
        digest = json.loads((places.layout(name) / "index.json").read_text())["manifests"][0]["digest"]
        command = [places.CRANE, "push", "--insecure", places.layout(name), f"127.0.0.1:{registry_.port}/{name}:e2e"]
        environment = {**os.environ, "DOCKER_CONFIG": str(folder / "registry/docker")}
        done = subprocess.run(command, check=False, capture_output=True, text=True, env=environment)
        if done.returncode:
            raise RuntimeError(f"{name} cannot be pushed: {done.stderr}")
        images[name] = {"repository": name, "version": "e2e", "digest": digest, "gitRevision": "", "contractDigest": ""}
    (folder / "images.lock.json").write_text(json.dumps({"registry": REGISTRY, "images": images}))


def _manifests(made: World) -> None:
    """The project's own manifests, and what a site adds: secrets, settings, data."""
    made.kubectl("apply", "-k", str(places.MANIFESTS))
    secret = {k: v for k, v in made.storage.environment.items() if "KEY" in k}
    plain = {k: v for k, v in made.storage.environment.items() if "KEY" not in k}
    volume = {
        "apiVersion": "v1",
        "kind": "PersistentVolume",
        "metadata": {"name": "sq-sample"},
        "spec": {
            "capacity": {"storage": "1Gi"},
            "accessModes": ["ReadOnlyMany"],
            "storageClassName": "sq-sample",
            "hostPath": {"path": str(made.config.parent), "type": "Directory"},
        },
    }
    claim = {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {"name": "sq-sample", "namespace": NAMESPACE},
        "spec": {
            "accessModes": ["ReadOnlyMany"],
            "storageClassName": "sq-sample",
            "resources": {"requests": {"storage": "1Gi"}},
        },
    }
    objects = [
        _object("Secret", "sq-storage-keys", stringData=secret),
        _object("ConfigMap", "sq-storage", data=plain),
        _object(
            "Secret",
            "sq-registry",
            type="kubernetes.io/dockerconfigjson",
            stringData={".dockerconfigjson": made.registry.config},
        ),
        volume,
        claim,
    ]
    for item in objects:
        made.kubectl("apply", "-f", "-", given=json.dumps(item))


def _object(kind: str, name: str, **more: object) -> dict:
    return {"apiVersion": "v1", "kind": kind, "metadata": {"name": name, "namespace": NAMESPACE}, **more}


def _airflow(made: World) -> Airflow:
    folder = made.folder
    dags = folder / "dags"
    shutil.copytree(places.DAGS, dags, ignore=shutil.ignore_patterns("tests", "BUILD.bazel"))
    for path in places.CHECK_DAGS.glob("*.py"):
        shutil.copy(path, dags / path.name)
    _run_config(made)
    (folder / "settings.json").write_text(json.dumps(_settings()))
    kubernetes = {
        "conn_type": "kubernetes",
        "extra": {"kube_config_path": str(made.home / "run1/airflow.kubeconfig"), "namespace": NAMESPACE},
    }
    keys = made.storage
    aws = {
        "conn_type": "aws",
        "login": keys.access_key,
        "password": keys.secret_key,
        "extra": {"endpoint_url": keys.url, "region_name": "us-east-1"},
    }
    smtp = {
        "conn_type": "smtp",
        "host": "127.0.0.1",
        "port": made.mailbox.smtp_port,
        "extra": {"disable_ssl": True, "disable_tls": True, "from_email": "search-quality@localhost"},
    }
    web = {"conn_type": "http", "host": "127.0.0.1", "port": made.mailbox.http_port}
    environment = {
        "AIRFLOW_CONN_SQ_KUBERNETES": json.dumps(kubernetes),
        "AIRFLOW_CONN_SQ_STORAGE": json.dumps(aws),
        "AIRFLOW_CONN_SQ_SMTP": json.dumps(smtp),
        "AIRFLOW_CONN_SQ_WEBHOOK": json.dumps(web),
        "AIRFLOW_CONN_SQ_FILES": json.dumps({"conn_type": "fs"}),
        "SQ_PIPELINE": str(places.PIPELINE),
        "SQ_IMAGES_LOCK": str(folder / "images.lock.json"),
        "SQ_RUN_CONFIG": str(folder / "run.json"),
        "SQ_AIRFLOW_SETTINGS": str(folder / "settings.json"),
    }
    return Airflow(folder / "airflow", free_port(), dags, environment)


def _run_config(made: World) -> None:
    """The configuration as pods see it: the sample at /data, artefacts in the bucket."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    environment |= {"SQ_WORKSPACE": f"s3://{BUCKET}/runs", "SQ_SEARCH_URL": made.search_url}
    out = made.folder / "run.json"
    subprocess.run([places.RUN_CONFIG, made.config, "--out", out], check=True, env=environment)
    out.write_text(out.read_text().replace(str(made.config.parent), "/data"))


def _settings() -> dict:
    return {
        "owner": "search",
        "mail_to": ["search-team@example.com"],
        "webhook_conn_id": "sq_webhook",
        "retry_seconds": 2,
        "pods": {
            "image_pull_secrets": ["sq-registry"],
            "config_maps": ["sq-storage"],
            "config_secrets": ["sq-storage-keys"],
            "node_selector": {"sq/pool": "stages"},
            "priority_class": "sq-stage",
            "resources": {"cpu_request": "20m", "memory_request": "64Mi", "ephemeral_storage": "200Mi"},
            "volumes": [{"name": "data", "mount_path": "/data", "claim": "sq-sample"}],
            "startup_timeout_seconds": 240,
            "schedule_timeout_seconds": 240,
            "poll_interval": 1.0,
        },
    }
