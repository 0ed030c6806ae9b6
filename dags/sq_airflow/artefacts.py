"""What Airflow itself looks at in an artefact: whether its manifest is there, and says what the handoff says."""

from __future__ import annotations

import json
from urllib.parse import urlsplit

from airflow.sdk import ObjectStoragePath

from sq_airflow.handoff import Expected, Handoff, HandoffError

MANIFEST = "manifest.json"
SCRATCH = "scratch"


def place(uri: str, storage_conn_id: str) -> ObjectStoragePath:
    """A place of the workspace; s3:// and gs:// through an Airflow connection, file:// directly."""
    local = urlsplit(uri).scheme == "file"
    return ObjectStoragePath(uri, conn_id=None if local or not storage_conn_id else storage_conn_id)


def accept(value: object, expected: Expected, storage_conn_id: str) -> Handoff:
    """The handoff of a task that has really done its work.

    Raises:
        HandoffError: it is missing, breaks its contract, is another task's, or the artefact it names is not there
            with that digest.
    """
    handoff = Handoff.parse(value)
    expected.check(handoff)
    manifest = _manifest(handoff.uri, storage_conn_id)
    content = manifest.get("content") or {}
    for name, given, wanted in (
        ("digest", manifest.get("digest"), handoff.digest),
        ("content.messageType", content.get("messageType"), handoff.message_type),
        ("content.records", int(content.get("records", 0)), handoff.records),
    ):
        if given != wanted:
            raise HandoffError(f"{handoff.uri}/{MANIFEST}: {name} is {given!r}, but the handoff says {wanted!r}")
    return handoff


def _manifest(uri: str, storage_conn_id: str) -> dict:
    path = place(f"{uri}/{MANIFEST}", storage_conn_id)
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise HandoffError(f"{uri} has no {MANIFEST}: the stage handed over an artefact it never published") from error


def clean_scratch(uri: str, storage_conn_id: str) -> bool:
    """Removes what a finished artefact kept beside it for its own retries; an unfinished one keeps it.

    Returns:
        Whether there was anything to remove.
    """
    scratch = place(f"{uri}/{SCRATCH}", storage_conn_id)
    if not place(f"{uri}/{MANIFEST}", storage_conn_id).exists() or not scratch.exists():
        return False
    scratch.rmdir(recursive=True)
    return True
