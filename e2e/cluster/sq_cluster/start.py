"""Starts and stops everything that a run on the cluster needs."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path

import yaml

from sq_cluster import log_by_day, model_bucket, places, servers
from sq_cluster.airflow_settings import HEARTBEAT, traces
from sq_cluster.mailbox import mailbox
from sq_cluster.registry import Registry, registry
from sq_cluster.site import connections, objects, settings
from sq_cluster.storage import storage
from sq_cluster.world import BUCKET, HISTORY, HOST, REGISTRY, Airflow, World
from sq_e2e.servers import free_port
from sq_otlp import Receiver


@contextmanager
def world(folder: Path, home: Path, clusters: Sequence[int] = (1, 2), *, checks: bool = True) -> Iterator[World]:
    """Starts everything, and stops it at the end in any case. Raises RuntimeError if this machine lacks packages.

    Args:
        checks: whether Airflow has the DAGs of the checks besides.
    """
    _require_packages()
    with ExitStack() as stack:
        kept = stack.enter_context(registry(folder / "registry", [REGISTRY]))
        box = stack.enter_context(mailbox())
        airflow = Airflow(folder / "airflow", free_port(), _dags(folder / "dags", checks), {})
        stack.callback(airflow.stop)
        made = World(folder, home, clusters, kept, box, _sample(folder / "sample"), airflow)
        for cluster in clusters:
            made.script("down.sh", cluster=cluster)  # what an earlier run may have left behind
            stack.callback(made.script, "down.sh", cluster=cluster)
        with ThreadPoolExecutor() as pool:
            work = [pool.submit(_push, kept, folder), pool.submit(airflow.prepare)]
            # Takes minutes if nothing is cached. It comes first, because the servers wait less long for the bridge.
            made.script("build.sh")
            work += [pool.submit(_start_clusters, made), pool.submit(_start_servers, made, stack)]
            for part in work:
                part.result()
            list(pool.map(lambda cluster: _set_up(made, cluster), clusters))
        airflow.start(**_environment(made))
        yield made


def _require_packages() -> None:
    missing = subprocess.run([places.NEEDS], capture_output=True, text=True, check=True).stdout.split()
    if missing:
        raise RuntimeError(f"these Debian packages are missing: {' '.join(missing)}; run e2e/cluster/needs.sh install")
    if os.getuid():
        raise RuntimeError("a cluster needs root: run this command as root")


def _start_clusters(made: World) -> None:
    for cluster in made.clusters:
        made.script("up.sh", cluster=cluster)


def _start_servers(made: World, stack: ExitStack) -> None:
    """Starts the servers that pods use. They listen on the bridge, once it exists."""
    servers.await_address(HOST)
    (made.folder / "storage").mkdir()
    made.storage = stack.enter_context(storage(places.VERSITYGW, made.folder / "storage", HOST, [BUCKET]))
    log_by_day.write(places.SAMPLE / "log", made.artefacts)
    made.search_url = stack.enter_context(
        servers.search(places.SEARCHD, places.SAMPLE, made.folder / "search.log", HOST)
    )
    indexes = {"uk": places.SAMPLE / "index.uk.ndjson"}
    made.engine_url = stack.enter_context(
        servers.search_engine(places.OPENSEARCH, made.folder / "engine", HOST, indexes)
    )
    made.model = stack.enter_context(servers.model(HOST))
    made.receiver = stack.enter_context(Receiver(HOST))


def _dags(folder: Path, checks: bool) -> Path:
    shutil.copytree(places.DAGS, folder, ignore=shutil.ignore_patterns("tests", "BUILD.bazel", "__pycache__"))
    for path in places.CHECK_DAGS.glob("*.*") if checks else ():
        shutil.copy(path, folder / path.name)
    return folder


def _sample(folder: Path) -> Path:
    """Copies the sample market to a folder, with a smaller configuration. Returns the configuration's path."""
    shutil.copytree(places.SAMPLE, folder, symlinks=False)
    config = yaml.safe_load((folder / "sample.yaml").read_text(encoding="utf-8"))
    config["defaults"]["generate"] |= {"query_budget": 28}
    markets = {market["market"]: market for market in config["markets"]}
    markets["uk"]["shards"] = 2
    # Every run of uk reads the whole log. A run of de reads the days that it is about.
    markets["uk"]["generate"]["log"] = {"window": "LOG_WINDOW_FIXED"}
    markets["de"]["generate"]["log"] = {"uri": [f"s3://{BUCKET}/{log_by_day.URI}"]}
    config.setdefault("consolidate", {})["history_uri"] = HISTORY
    markets["uk"]["retrieve"]["opensearch"]["url"] = "${SQ_OPENSEARCH_URL}"
    markets["de"]["evaluate"] = {"openai": {"endpoint": {"model": "stand-in", "base_url": "${SQ_MODEL_URL}"}}}
    config |= model_bucket.configuration()
    (folder / "small.yaml").write_text(yaml.safe_dump(config), encoding="utf-8")
    for path in [folder, *folder.rglob("*")]:
        path.chmod(0o755 if path.is_dir() else 0o644)
    return folder / "small.yaml"


def _push(site_registry: Registry, folder: Path) -> None:
    """Pushes the images and locks them by their digests."""
    images = {}
    for name in places.images():
        digest = json.loads((places.layout(name) / "index.json").read_text())["manifests"][0]["digest"]
        command = [
            places.CRANE,
            "push",
            "--insecure",
            places.layout(name),
            f"127.0.0.1:{site_registry.port}/{name}:e2e",
        ]
        environment = {**os.environ, "DOCKER_CONFIG": str(folder / "registry/docker")}
        done = subprocess.run(command, check=False, capture_output=True, text=True, env=environment)
        if done.returncode:
            raise RuntimeError(f"cannot push the image {name}: {done.stderr}")
        images[name] = {
            "repository": name,
            "version": "e2e",
            "digest": digest,
            "gitRevision": "",
            "contractDigest": "",
        }
    (folder / "images.lock.json").write_text(json.dumps({"registry": REGISTRY, "images": images}))


def _set_up(made: World, cluster: int) -> None:
    """Applies the manifests of the project, and the secrets, settings and data of a site."""
    # A copy, because kustomize reads no links that lead out of its folder, and the runfiles are such links.
    manifests = shutil.copytree(places.MANIFESTS, made.folder / f"manifests{cluster}")
    made.kubectl("apply", "-k", manifests, cluster=cluster)
    site = objects(made.storage, made.registry, made.model.key, made.config.parent, places.CHECK_DAGS / "probe.py")
    made.kubectl("apply", "-f", "-", given=json.dumps(site), cluster=cluster)


def _environment(made: World) -> dict[str, str]:
    """Environment variables of Airflow: the files that the DAGs read, and its connections."""
    kubeconfig = made.folder / "airflow.kubeconfig"
    kubeconfig.touch(mode=0o600)
    parts = os.pathsep.join(str(made.home / f"run{cluster}/airflow.kubeconfig") for cluster in made.clusters)
    merged = subprocess.run(
        [made.home / "bin/kubectl", "config", "view", "--flatten", "--raw"],
        env={**os.environ, "KUBECONFIG": parts},
        check=True,
        capture_output=True,
    ).stdout
    kubeconfig.write_bytes(merged)
    (made.folder / "run.json").write_text(_run_config(made))
    (made.folder / "settings.json").write_text(json.dumps(settings(made.clusters, made.receiver.url)))
    return {
        **HEARTBEAT,
        **traces(made.receiver.url),
        **connections(made.storage, made.mailbox, kubeconfig, made.clusters),
        "SQ_PIPELINE": str(places.PIPELINE),
        "SQ_IMAGES_LOCK": str(made.folder / "images.lock.json"),
        "SQ_RUN_CONFIG": str(made.folder / "run.json"),
        "SQ_AIRFLOW_SETTINGS": str(made.folder / "settings.json"),
    }


def _run_config(made: World) -> str:
    """The configuration for pods: the sample is at /data, and artefacts are in the bucket."""
    out = made.folder / "rendered.json"
    environment = made.environment | {"SQ_WORKSPACE": f"s3://{BUCKET}/runs"}
    subprocess.run([places.RUN_CONFIG, made.config, "--out", out], check=True, env=environment)
    return out.read_text().replace(str(made.config.parent), "/data")
