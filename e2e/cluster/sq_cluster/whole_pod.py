"""The pod that uses every parameter."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property

from sq_cluster.pods import facts, pod_of
from sq_cluster.world import World

DAG = "cluster_pods"
RUN = "parameters"


@dataclass
class Whole:
    """The pod with every parameter, and the facts that probe.py printed in it."""

    made: World

    @cached_property
    def pod(self) -> dict:
        return pod_of(self.made, DAG, "whole")

    @cached_property
    def facts(self) -> dict:
        return facts(self.made, DAG, "whole")

    @property
    def spec(self) -> dict:
        return self.pod["spec"]

    @property
    def base(self) -> dict:
        return next(item for item in self.spec["containers"] if item["name"] == "base")

    @property
    def sidecar(self) -> dict:
        return next(item for item in self.spec["containers"] if item["name"] == "airflow-xcom-sidecar")

    @cached_property
    def digests(self) -> dict[str, str]:
        lock = json.loads((self.made.folder / "images.lock.json").read_text())
        return {name: image["digest"] for name, image in lock["images"].items()}
