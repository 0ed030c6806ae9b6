"""The bill of materials as it is attached: what the build made, with the time of the first push."""

from __future__ import annotations

import datetime
import hashlib
import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from release.remote import SPDX, Remote, RemoteError


def dated(document: bytes, now: datetime.datetime) -> bytes:
    """The SPDX document with a time of creation, in UTC and whole seconds."""
    made = json.loads(document)
    made["creationInfo"]["created"] = now.astimezone(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return json.dumps(made, indent=2).encode() + b"\n"


def same(one: bytes, other: bytes) -> bool:
    """Whether two documents differ at most in their times."""
    try:
        documents = [json.loads(text) for text in (one, other)]
        for document in documents:
            del document["creationInfo"]["created"]
    except (ValueError, KeyError, TypeError):
        return False
    return documents[0] == documents[1]


def without_sum(document: Mapping[str, Any]) -> list[str]:
    """The wheels of an SPDX document whose file it does not name by sha256."""
    return [
        part["name"]
        for part in document["packages"]
        if any(one["referenceLocator"].startswith("pkg:pypi/") for one in part.get("externalRefs", []))
        and not any(one["algorithm"] == "SHA256" for one in part.get("checksums", []))
    ]


def attached(to: Remote, repository: str, digest: str, built: Path) -> str | None:
    """The digest of the bill that an image has already, or None. One that the registry lost or changed is none."""
    for _, document in to.attachments(repository, digest, SPDX):
        try:
            data = to.blob(repository, document)
        except RemoteError as error:
            if error.again:
                raise
            continue
        if data and same(data, built.read_bytes()):
            return document
    return None


def attach(to: Remote, repository: str, digest: str, built: Path) -> str:
    """Attaches the bill of an image, unless it has it. Returns the digest of the document."""
    found = attached(to, repository, digest, built)
    if found:
        return found
    data = dated(built.read_bytes(), datetime.datetime.now(datetime.UTC))
    with tempfile.NamedTemporaryFile(suffix=".spdx.json") as file:
        file.write(data)
        file.flush()
        to.attach(repository, digest, Path(file.name), SPDX)
    return f"sha256:{hashlib.sha256(data).hexdigest()}"
