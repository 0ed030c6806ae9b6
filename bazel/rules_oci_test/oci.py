"""Reads layouts for the tests, without the code under test."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any


def blob(layout: Path, digest: str) -> bytes:
    data = (layout / "blobs" / digest.replace(":", "/")).read_bytes()
    assert "sha256:" + hashlib.sha256(data).hexdigest() == digest
    return data


def document(layout: Path, descriptor: dict[str, Any]) -> dict[str, Any]:
    data = blob(layout, descriptor["digest"])
    assert len(data) == descriptor["size"]
    return json.loads(data)


def top(layout: Path) -> dict[str, Any]:
    (descriptor,) = json.loads((layout / "index.json").read_bytes())["manifests"]
    return descriptor


def manifest(layout: Path) -> dict[str, Any]:
    return document(layout, top(layout))


def config(layout: Path) -> dict[str, Any]:
    return document(layout, manifest(layout)["config"])
