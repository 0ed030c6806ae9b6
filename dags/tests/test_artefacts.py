"""A handoff is accepted only if storage has its artefact."""

import json

import pytest

from sq_airflow.artefacts import accept, clean_scratch
from sq_airflow.handoff import Expected, HandoffError

_DIGEST = "sha256:" + "a" * 64


@pytest.fixture
def artefact(tmp_path):
    """The part of an artefact that Airflow reads, its handoff, and what the task expects."""
    folder = tmp_path / "uk/generate"
    folder.mkdir(parents=True)
    manifest = {"digest": _DIGEST, "content": {"messageType": "sq.v1.QuerySetRecord", "records": "3"}}
    (folder / "manifest.json").write_text(json.dumps(manifest))
    handoff = {"stage": "generate", "runId": "r", "market": "uk", "uri": folder.as_uri(), "digest": _DIGEST}
    handoff |= {"messageType": "sq.v1.QuerySetRecord", "records": "3"}
    return folder, handoff, Expected("generate", "r", "uk", "", folder.as_uri(), "sq.v1.QuerySetRecord")


def test_accepted(artefact):
    _, handoff, expected = artefact
    assert accept(handoff, expected, "").digest == _DIGEST


def test_no_manifest(artefact):
    folder, handoff, expected = artefact
    (folder / "manifest.json").unlink()
    with pytest.raises(HandoffError, match="has no manifest.json"):
        accept(handoff, expected, "")


@pytest.mark.parametrize(
    "manifest",
    [
        {"digest": "sha256:" + "b" * 64, "content": {"messageType": "sq.v1.QuerySetRecord", "records": "3"}},
        {"digest": _DIGEST, "content": {"messageType": "sq.v1.Product", "records": "3"}},
        {"digest": _DIGEST, "content": {"messageType": "sq.v1.QuerySetRecord", "records": "4"}},
        {},
    ],
)
def test_another_manifest(artefact, manifest):
    folder, handoff, expected = artefact
    (folder / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(HandoffError, match="but the handoff says"):
        accept(handoff, expected, "")


def test_scratch_goes_with_the_manifest_there_and_stays_without(artefact):
    folder, handoff, _ = artefact
    assert not clean_scratch(handoff["uri"], "")
    (folder / "scratch").mkdir()
    (folder / "scratch/answer").write_text("paid")
    manifest = (folder / "manifest.json").read_text()
    (folder / "manifest.json").unlink()
    assert not clean_scratch(handoff["uri"], "")
    assert (folder / "scratch/answer").exists()
    (folder / "manifest.json").write_text(manifest)
    assert clean_scratch(handoff["uri"], "")
    assert not (folder / "scratch").exists()
