"""Writes an OCI layout as the archive that containerd imports, or as the one that Docker loads."""

from __future__ import annotations

import io
import json
import tarfile
import tempfile
from pathlib import Path
from typing import BinaryIO

import zstandard

_REF = "org.opencontainers.image.ref.name"
_CONTAINERD_NAME = "io.containerd.image.name"


def write_oci_archive(layout: Path, name: str, out: BinaryIO) -> None:
    """Writes the layout of one image as an OCI archive.

    Args:
        name: full name of the image: registry/repository:tag.
    """
    index = json.loads((layout / "index.json").read_text(encoding="utf-8"))
    (descriptor,) = index["manifests"]
    manifest = _manifest(layout, descriptor)
    descriptor["annotations"] = {_CONTAINERD_NAME: name, _REF: name.rpartition(":")[2]}
    with tarfile.open(fileobj=out, mode="w|", format=tarfile.PAX_FORMAT) as archive:
        _add(archive, "oci-layout", (layout / "oci-layout").read_bytes())
        _add(archive, "index.json", json.dumps(index).encode())
        for path in dict.fromkeys(_path(blob) for blob in [descriptor, manifest["config"], *manifest["layers"]]):
            with (layout / path).open("rb") as file:
                _add_file(archive, path, file)


def write_docker_archive(layout: Path, name: str, out: BinaryIO) -> None:
    """Writes the layout of one image as `docker save` would. Decompresses zstd, which Docker before 23 cannot read."""
    index = json.loads((layout / "index.json").read_text(encoding="utf-8"))
    manifest = _manifest(layout, index["manifests"][0])
    layers = {_path(layer): layer["mediaType"].endswith("zstd") for layer in manifest["layers"]}
    contents = [{"Config": _path(manifest["config"]), "RepoTags": [name], "Layers": list(layers)}]
    with tarfile.open(fileobj=out, mode="w|", format=tarfile.PAX_FORMAT) as archive:
        _add(archive, "manifest.json", json.dumps(contents).encode())
        _add(archive, _path(manifest["config"]), (layout / _path(manifest["config"])).read_bytes())
        for path, zstd in layers.items():
            with (layout / path).open("rb") as file, tempfile.TemporaryFile() as plain:
                if zstd:
                    zstandard.ZstdDecompressor().copy_stream(file, plain)
                _add_file(archive, path, plain if zstd else file)


def _manifest(layout: Path, descriptor: dict) -> dict:
    return json.loads((layout / _path(descriptor)).read_text(encoding="utf-8"))


def _path(descriptor: dict) -> str:
    return "blobs/" + descriptor["digest"].replace(":", "/")


def _add_file(archive: tarfile.TarFile, name: str, file: BinaryIO) -> None:
    entry = tarfile.TarInfo(name)
    entry.size = file.seek(0, io.SEEK_END)
    file.seek(0)
    archive.addfile(entry, file)


def _add(archive: tarfile.TarFile, name: str, data: bytes) -> None:
    _add_file(archive, name, io.BytesIO(data))
