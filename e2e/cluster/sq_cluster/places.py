"""Where the build puts what the checks use: the runfiles are laid out like the source tree."""

from __future__ import annotations

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
IMAGES = ("sq-generate", "sq-retrieve", "sq-evaluate", "sq-ner-diff", "sq-report")


def layout(image: str) -> Path:
    """The OCI layout of an image."""
    if image == "sq-xcom-sidecar":
        return Path(os.environ.get("SQ_E2E_SIDECAR") or ROOT / "deploy/xcom_sidecar/sq-xcom-sidecar")
    return Path(os.environ.get("SQ_E2E_IMAGES") or ROOT / "release") / image
