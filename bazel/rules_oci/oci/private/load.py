"""Writes the archive of an image for container engines, and loads it."""

from __future__ import annotations

import argparse
import io
import json
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import Any, BinaryIO

import layout
from layout import LayoutError

_REF = "org.opencontainers.image.ref.name"
_CONTAINERD_NAME = "io.containerd.image.name"


def names_of(path: Path) -> list[str]:
    return [line.strip() for line in path.read_text(encoding="utf-8").split("\n") if line.strip()]


def docker_manifest(image: Path, names: list[str]) -> list[dict[str, Any]]:
    """manifest.json of `docker save`.

    Raises:
        LayoutError: the image is an index, which this format does not support.
    """
    descriptor = layout.root(image)
    if descriptor["mediaType"] in layout.INDEXES:
        raise LayoutError(f'format: "docker" is for one image, and {image} is an index: write format = "oci"')
    manifest = json.loads(layout.read_blob(image, descriptor))
    return [
        {
            "Config": _blob_name(manifest["config"]),
            "RepoTags": names,
            "Layers": [_blob_name(layer) + _extension(layer) for layer in manifest["layers"]],
        }
    ]


def oci_index(image: Path, names: list[str]) -> dict[str, Any]:
    """index.json with an entry for each name.

    Raises:
        LayoutError: the image is no index. The original refuses it, too.
    """
    descriptor = layout.root(image)
    if descriptor["mediaType"] not in layout.INDEXES:
        raise LayoutError(f'format: "oci" is for an oci_image_index, and {image} is one image: write format = "docker"')
    entries = [descriptor | {"annotations": {_CONTAINERD_NAME: full_name(name), _REF: name}} for name in names]
    return {"schemaVersion": 2, "mediaType": layout.INDEX, "manifests": entries or [descriptor]}


def full_name(name: str) -> str:
    """The full name that docker uses for a name without a registry."""
    host, slash, _ = name.partition("/")
    if slash and ("." in host or ":" in host or host == "localhost"):
        return name
    return f"docker.io/{name}" if slash else f"docker.io/library/{name}"


def _blob_name(descriptor: layout.Descriptor) -> str:
    return "blobs/" + descriptor["digest"].replace(":", "/")


def _extension(layer: layout.Descriptor) -> str:
    return {"gzip": ".tar.gz", "zstd": ".tar.zst"}.get(layer["mediaType"].replace("+", ".").rpartition(".")[2], ".tar")


def write_archive(image: Path, kind: str, names: list[str], out: BinaryIO) -> None:
    """Writes the archive: sorted, with the time of the epoch, owned by root."""
    with tarfile.open(fileobj=out, mode="w|", format=tarfile.PAX_FORMAT) as archive:
        if kind == "docker":
            manifest = docker_manifest(image, names)
            _add(archive, manifest[0]["Config"], image / manifest[0]["Config"])
            for name in dict.fromkeys(manifest[0]["Layers"]):
                _add(archive, name, image / name.partition(".")[0])
            _add_bytes(archive, "manifest.json", layout.canonical(manifest))
            return
        for blob in sorted((image / "blobs" / "sha256").iterdir()):
            _add(archive, f"blobs/sha256/{blob.name}", blob)
        _add_bytes(archive, "index.json", layout.canonical(oci_index(image, names)))
        _add(archive, "oci-layout", image / "oci-layout")


def _add(archive: tarfile.TarFile, name: str, path: Path) -> None:
    entry = tarfile.TarInfo(name)
    entry.size = path.stat().st_size
    with path.open("rb") as file:
        archive.addfile(entry, file)


def _add_bytes(archive: tarfile.TarFile, name: str, data: bytes) -> None:
    entry = tarfile.TarInfo(name)
    entry.size = len(data)
    archive.addfile(entry, io.BytesIO(data))


def loader_command(loader: str | None) -> list[str]:
    """The command that loads an archive, whose path is the last argument.

    Raises:
        LayoutError: there is no container engine.
    """
    if loader:
        return [str(Path(loader).absolute()), "load", "--input"]
    for engine in ("docker", "podman", "nerdctl"):
        if found := shutil.which(engine):
            return [found, "load", "--input"]
    if found := shutil.which("ctr"):
        return [found, "images", "import"]
    raise LayoutError("docker, podman, nerdctl and ctr are not on PATH: install one of them, or name a loader")


def load(flags: argparse.Namespace, names: list[str]) -> int:
    with tempfile.NamedTemporaryFile(suffix=".tar") as file:
        write_archive(flags.image, flags.format, names, file)
        file.flush()
        return subprocess.run([*loader_command(flags.loader), file.name], check=False).returncode


def main() -> int:
    parser = argparse.ArgumentParser(allow_abbrev=False)
    parser.add_argument("--image", type=Path, required=True)
    parser.add_argument("--format", choices=["docker", "oci"], required=True)
    parser.add_argument("--tags", type=Path, required=True)
    parser.add_argument("--loader")
    parser.add_argument("--manifest", type=Path, help="write this document of the archive, and do not load")
    parser.add_argument("--tarball", type=Path, help="write the archive, and do not load")
    flags = parser.parse_args()
    names = names_of(flags.tags)
    if flags.manifest:
        build = docker_manifest if flags.format == "docker" else oci_index
        flags.manifest.write_bytes(layout.canonical(build(flags.image, names)))
    elif flags.tarball:
        with flags.tarball.open("wb") as file:
            write_archive(flags.image, flags.format, names, file)
    else:
        return load(flags, names)
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except LayoutError as error:
        sys.exit(str(error))
