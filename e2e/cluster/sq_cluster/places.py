"""Paths of the files that the checks use. The runfiles have the layout of the source tree."""

from __future__ import annotations

import json
import os
from pathlib import Path

ROOT = Path(os.environ.get("SQ_E2E_ROOT") or Path(__file__).absolute().parents[3])
SAMPLE = Path(os.environ.get("SQ_E2E_SAMPLE") or ROOT / "examples/sample/market")
SEARCHD = Path(os.environ.get("SQ_E2E_SEARCHD") or ROOT / "examples/searchd/sq-searchd")
VERSITYGW = Path(os.environ.get("SQ_VERSITYGW") or ROOT / "bazel/testservers/versitygw")
CRANE = Path(os.environ.get("SQ_E2E_CRANE") or ROOT / "bazel/oci_tools/crane")
PIPELINE = Path(os.environ.get("SQ_E2E_PIPELINE") or ROOT / "pipeline/pipeline.json")
SQ = Path(os.environ.get("SQ_E2E_SQ") or ROOT / "cli/sq")
RUN_CONFIG = Path(os.environ.get("SQ_E2E_RUN_CONFIG") or ROOT / "deploy/run_config")
OPENSEARCH = Path(os.environ.get("SQ_OPENSEARCH") or ROOT.parent / "opensearch/files")
KUBE = ROOT / "deploy/kube"
MANIFESTS = ROOT / "deploy/manifests"
DAGS = ROOT / "dags"
CHECK_DAGS = ROOT / "e2e/cluster/dags"
DOCUMENTATION = ROOT / "docs/airflow.md"
NEEDS = ROOT / "e2e/cluster/needs.sh"
FORECAST = ROOT / "examples/forecast/model"
WEEKS = ROOT / "examples/forecast/weeks"
SIDECAR = "sq-xcom-sidecar"
# No DAG starts it.
FORECAST_IMAGE = "sq-predict-prophet"


def images() -> list[str]:
    """Every image that pods start: those of the stages in all wirings, the sidecar, and that of the forecast."""
    wirings = [PIPELINE, *(PIPELINE.with_name(f"{name}.json") for name in ("judge-training", "judge-inference"))]
    stages = [stage for path in wirings for stage in json.loads(path.read_text(encoding="utf-8"))["stages"]]
    return [*dict.fromkeys(stage["contract"]["image"] for stage in stages), SIDECAR, FORECAST_IMAGE]


def artefacts() -> set[str]:
    """The folder in the run of each artefact: uk has two shards, and de has one."""
    found = set()
    for node in json.loads(PIPELINE.read_text(encoding="utf-8"))["pipeline"]["nodes"]:
        name = node["name"]
        if node["scope"] == "SCOPE_RUN":
            found.add(f"all-markets/{name}")
        elif node.get("sharded"):
            found |= {f"uk/{name}/shard-0-of-2", f"uk/{name}/shard-1-of-2", f"de/{name}/shard-0-of-1"}
        else:
            found |= {f"uk/{name}", f"de/{name}"}
    return found


def layout(image: str) -> Path:
    """The OCI layout of an image."""
    return Path(os.environ.get("SQ_E2E_IMAGES") or ROOT / "release") / image
