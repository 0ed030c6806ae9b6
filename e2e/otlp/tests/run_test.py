"""`sq run` is one trace: the spans of all stages, in both languages, are below its own span."""

import json
import os
import subprocess
from collections import Counter
from pathlib import Path

import pytest

from sq_demo.search import search_service
from sq_e2e.artefacts import digests
from sq_otlp import Receiver

ROOT = Path(os.environ.get("SQ_E2E_ROOT") or Path(__file__).absolute().parents[3])
SQ = os.environ.get("SQ_E2E_SQ") or ROOT / "cli/sq"
PIPELINE = Path(os.environ.get("SQ_PIPELINE") or ROOT / "pipeline/pipeline.json")
SEARCHD = os.environ.get("SQ_E2E_SEARCHD") or ROOT / "examples/searchd/sq-searchd"
SAMPLE = Path(os.environ.get("SQ_E2E_SAMPLE") or ROOT / "examples/sample/market")


@pytest.fixture(scope="module")
def search_url():
    """The sample shop's search service."""
    with search_service(SEARCHD, SAMPLE) as url:
        yield url


def sq_run(folder: Path, search_url: str, **env: str) -> dict[str, str]:
    """Runs a small part of the sample. Returns the digest of each artefact by its folder."""
    text = (SAMPLE / "sample.yaml").read_text(encoding="utf-8")
    assert "query_budget: 1200" in text
    text = text.replace("query_budget: 1200", "query_budget: 10")
    folder.mkdir()
    for file in SAMPLE.iterdir():
        (folder / file.name).symlink_to(file)
    (folder / "small.yaml").write_text(text, encoding="utf-8")
    variables = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"} | env
    variables |= {"SQ_WORKSPACE": str(folder / "runs"), "SQ_SEARCH_URL": search_url}
    subprocess.run([SQ, "run", folder / "small.yaml", "--run-id", "r1"], check=True, env=variables)
    return digests(folder / "runs/r1")


def _counts(artefact: Path) -> Counter[str]:
    """Records of an artefact by kind, as its manifest has them."""
    manifest = json.loads((artefact / "manifest.json").read_text(encoding="utf-8"))
    return Counter({item["kind"]: int(item["records"]) for item in manifest["content"]["counts"]})


def test_one_trace_and_the_same_artefacts(tmp_path, search_url):
    with Receiver() as receiver:
        traced = sq_run(tmp_path / "traced", search_url, OTEL_EXPORTER_OTLP_ENDPOINT=receiver.url)
    plain = sq_run(tmp_path / "plain", search_url)
    assert traced == plain

    root = receiver.span("sq", "sq run")
    assert root.parent_id == ""
    assert {span.trace_id for span in receiver.spans} == {root.trace_id}
    stages = {
        (span.service, span.about.get("sq.market", "")): span
        for span in receiver.spans
        if span.parent_id == root.span_id
    }
    nodes = json.loads(PIPELINE.read_text())["pipeline"]["nodes"]
    markets = {"SCOPE_MARKET": ("uk", "de"), "SCOPE_RUN": ("",)}
    assert set(stages) == {(f"sq-{node['stage']}", market) for node in nodes for market in markets[node["scope"]]}
    known = {span.span_id for span in receiver.spans}
    assert all(span.parent_id in known for span in receiver.spans if span is not root)
    assert all(root.start <= span.start <= span.end <= root.end for span in receiver.spans)

    # The Go stage counts its searches. Both languages count their records, and the manifests have the same numbers.
    for market in ("uk", "de"):
        folder = tmp_path / f"traced/runs/r1/{market}"
        nodes_of_stage = ("retrieve", "probe-retrieve")
        counts = sum((_counts(folder / node / "shard-0-of-1") for node in nodes_of_stage), Counter())
        about = {"sq__stage": "retrieve", "sq__market": market}
        assert receiver.total("sq.calls", **about) >= counts["result"] > 0
        for kind, records in counts.items():
            assert receiver.total("sq.records", sq__kind=kind, **about) == records
    made = sum((_counts(tmp_path / f"traced/runs/r1/{market}/generate") for market in ("uk", "de")), Counter())
    assert receiver.total("sq.records", sq__stage="generate", sq__kind="segment") == made["segment"] > 0
    finished = [point for point in receiver.points if point.metric == "sq.stage.duration"]
    assert {point.attributes["sq.outcome"] for point in finished} == {"done"}
    assert {point.attributes["sq.stage"] for point in finished} == {node["stage"] for node in nodes}
