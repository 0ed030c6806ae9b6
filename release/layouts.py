"""Reads images from OCI layouts on disk, as Bazel builds them."""

from __future__ import annotations

import gzip
import json
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import zstandard

_TITLE = "org.opencontainers.image.title"


@dataclass(frozen=True)
class Blob:
    """One blob: its digest, its stored size in bytes, and its path."""

    digest: str
    size: int
    media_type: str
    path: Path = field(compare=False)

    def open(self) -> BinaryIO:
        """Opens the decompressed archive."""
        raw = self.path.open("rb")
        if self.media_type.endswith("+zstd"):
            return zstandard.ZstdDecompressor().stream_reader(raw, closefd=True)
        return gzip.GzipFile(fileobj=raw) if self.media_type.endswith("+gzip") else raw

    def entries(self) -> Iterator[tuple[tarfile.TarInfo, bytes]]:
        """Each entry and its content, in the order of the archive."""
        with self.open() as stream, tarfile.open(fileobj=stream, mode="r|") as archive:
            for entry in archive:
                file = archive.extractfile(entry) if entry.isreg() else None
                yield entry, file.read() if file else b""


@dataclass(frozen=True)
class Image:
    """An image: its digest, configuration and layers, the lowest first. Its name is its title."""

    name: str
    digest: str
    config: dict[str, Any]
    layers: tuple[Blob, ...]
    configuration: Blob | None = None

    @classmethod
    def open(cls, layout: Path) -> Image:
        """Reads the layout of one image of one platform."""
        (descriptor,) = json.loads((layout / "index.json").read_bytes())["manifests"]
        manifest = json.loads(_blob(layout, descriptor["digest"]).read_bytes())
        configuration, *layers = (
            Blob(item["digest"], item["size"], item["mediaType"], _blob(layout, item["digest"]))
            for item in [manifest["config"], *manifest["layers"]]
        )
        config = json.loads(configuration.path.read_bytes())
        name = config["config"].get("Labels", {}).get(_TITLE) or layout.name
        return cls(name, descriptor["digest"], config, tuple(layers), configuration)

    @property
    def blobs(self) -> list[Blob]:
        """The blobs that the manifest names: layers and configuration."""
        return [*self.layers, *([self.configuration] if self.configuration else [])]

    @property
    def size(self) -> int:
        """Size of all layers, compressed, in bytes."""
        return sum(layer.size for layer in self.layers)


def _blob(layout: Path, digest: str) -> Path:
    return layout / "blobs" / digest.replace(":", "/")
