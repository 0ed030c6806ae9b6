"""OCI image layouts: a folder with oci-layout, index.json and blobs/sha256."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

MANIFEST = "application/vnd.oci.image.manifest.v1+json"
INDEX = "application/vnd.oci.image.index.v1+json"
DOCKER_INDEX = "application/vnd.docker.distribution.manifest.list.v2+json"
INDEXES = (INDEX, DOCKER_INDEX)
CONFIG = "application/vnd.oci.image.config.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar"
DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
DOCKER_LAYER = "application/vnd.docker.image.rootfs.diff.tar"

Descriptor = dict[str, Any]


class LayoutError(Exception):
    """A layout, or its input, is invalid. The message is for the user who builds."""


def canonical(document: Any) -> bytes:
    """JSON whose bytes depend only on the document. Keys keep their order."""
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


def blob_path(layout: Path, digest: str) -> Path:
    algorithm, _, name = digest.partition(":")
    return layout / "blobs" / algorithm / name


def read_blob(layout: Path, descriptor: Descriptor) -> bytes:
    """The bytes of a blob.

    Raises:
        LayoutError: the blob is missing, or does not match the descriptor.
    """
    path = blob_path(layout, descriptor["digest"])
    if not path.is_file():
        raise LayoutError(f"{layout} lacks the blob {descriptor['digest']}")
    data = path.read_bytes()
    if f"sha256:{hashlib.sha256(data).hexdigest()}" != descriptor["digest"]:
        raise LayoutError(f"{layout}: the blob {descriptor['digest']} has other content")
    return data


def root(layout: Path) -> Descriptor:
    """The descriptor of a layout's only manifest or index."""
    index = json.loads((layout / "index.json").read_bytes())
    if len(index.get("manifests", [])) != 1:
        raise LayoutError(f"{layout}/index.json names {len(index.get('manifests', []))} images, not one")
    return index["manifests"][0]


def start(layout: Path) -> None:
    """Starts a layout in a folder that is empty or does not exist."""
    (layout / "blobs" / "sha256").mkdir(parents=True, exist_ok=True)
    (layout / "oci-layout").write_bytes(canonical({"imageLayoutVersion": "1.0.0"}))


def put(layout: Path, document: Any, media_type: str) -> Descriptor:
    """Stores a document and returns its descriptor."""
    data = canonical(document)
    digest = f"sha256:{hashlib.sha256(data).hexdigest()}"
    blob_path(layout, digest).write_bytes(data)
    return {"mediaType": media_type, "digest": digest, "size": len(data)}


def put_file(layout: Path, path: Path, digest: str) -> None:
    """Stores a file under the digest in its description."""
    target = blob_path(layout, digest)
    if not target.exists():
        shutil.copyfile(path, target)


def finish(layout: Path, descriptor: Descriptor) -> None:
    """Writes a layout's index with one descriptor."""
    index = {"schemaVersion": 2, "mediaType": INDEX, "manifests": [descriptor]}
    (layout / "index.json").write_bytes(canonical(index))


def pairs_of(path: Path) -> list[tuple[str, str]]:
    """Parses lines of KEY=VALUE.

    Raises:
        LayoutError: a line has no key or no equals sign.
    """
    pairs = []
    for line in path.read_text(encoding="utf-8").split("\n"):
        key, equals, value = line.partition("=")
        if line and not (key and equals):
            raise LayoutError(f"{path}: {line!r} is not KEY=VALUE")
        if line:
            pairs.append((key, value))
    return pairs


def config_of(layout: Path, manifest: Descriptor) -> dict[str, Any]:
    return json.loads(read_blob(layout, manifest["config"]))


def platform(config: dict[str, Any]) -> dict[str, Any]:
    """The platform of an image, in the form of an index. Variants of Windows differ in os.version alone."""
    keys = ("architecture", "os", "variant", "os.version", "os.features")
    return {key: config[key] for key in keys if config.get(key)}
