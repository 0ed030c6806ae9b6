"""What the checks work with: clusters, servers, Airflow."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from kubernetes.client import CoreV1Api
from kubernetes.config import new_client_from_config

from sq_cluster import places
from sq_cluster.mailbox import Mailbox
from sq_cluster.registry import Registry
from sq_cluster.storage import Storage
from sq_llm_server import LlmServer
from sq_otlp import Receiver

sys.path.insert(0, str(places.ROOT / "deploy/airflow"))
from server import Airflow  # its folder has no package, so that it runs on its own

HOST = "10.244.0.1"  # address of the bridge that connects the pods
REGISTRY = "registry.sq"
BUCKET = "sq-runs"
HISTORY = f"s3://{BUCKET}/history"


@dataclass
class World:
    """One or two clusters, the servers around them, and Airflow.

    Attributes:
        home: folder of the clusters, with their programs and state.
        clusters: 1, or 1 and 2.
        search_url: of the sample shop's search service, for pods and for this machine. It gets the German queries.
        engine_url: of OpenSearch with the same shop. It gets the English queries.
        config: a small run configuration of the sample (YAML). uk has two shards, and the model judges de.
    """

    folder: Path
    home: Path
    clusters: Sequence[int]
    registry: Registry
    mailbox: Mailbox
    config: Path
    airflow: Airflow
    storage: Storage | None = None
    search_url: str = ""
    engine_url: str = ""
    model: LlmServer | None = None
    receiver: Receiver | None = None
    clients: dict[int, CoreV1Api] = field(default_factory=dict)

    def kubectl(self, *arguments: str | Path, given: str | None = None, cluster: int = 1) -> str:
        """Returns what kubectl prints. Raises RuntimeError with its error message."""
        done = subprocess.run(
            [self.home / "bin/kubectl", *arguments],
            env={**os.environ, "KUBECONFIG": str(self.home / f"run{cluster}/admin.kubeconfig")},
            input=given,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"kubectl {' '.join(map(str, arguments))}: {done.stderr}")
        return done.stdout

    def core(self, cluster: int = 1) -> CoreV1Api:
        """A client of a cluster's API server, for frequent requests. kubectl would cost more processor time."""
        if cluster not in self.clients:
            config = str(self.home / f"run{cluster}/admin.kubeconfig")
            self.clients[cluster] = CoreV1Api(new_client_from_config(config))
        return self.clients[cluster]

    def script(self, name: str, *arguments: str, cluster: int = 1, **environment: str) -> None:
        """Runs a script of deploy/kube."""
        environment = {
            **os.environ,
            "SQ_KUBE_HOME": str(self.home),
            "SQ_KUBE_CLUSTER": str(cluster),
            **environment,
        }
        environment |= {"SQ_REGISTRY_HOST": REGISTRY, "SQ_REGISTRY_URL": self.registry.url}
        subprocess.run([places.KUBE / name, *arguments], check=True, env=environment)

    def program(self, path: Path, *arguments: str | Path, **environment: str) -> str:
        """Runs a program of sq on this machine. Returns what it prints. Raises RuntimeError with its error message."""
        command = [str(path), *map(str, arguments)]
        done = subprocess.run(command, env=self.environment | environment, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"{path.name} {' '.join(command[1:])}: {done.stderr}")
        return done.stdout

    @property
    def artefacts(self) -> Path:
        """The folder in which the S3 server stores the bucket."""
        return self.folder / "storage/data" / BUCKET

    @property
    def environment(self) -> dict[str, str]:
        """The variables of the run configuration, for programs on this machine. Without Airflow's packages."""
        plain = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        addresses = {"SQ_SEARCH_URL": self.search_url, "SQ_OPENSEARCH_URL": self.engine_url}
        return plain | addresses | {"SQ_MODEL_URL": self.model.url, "OPENAI_API_KEY": self.model.key}
