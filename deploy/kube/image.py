#!/usr/bin/env python3
"""image.py NAME:TAG PROGRAM OUT.tar: an OCI image of one static program, the same bytes each time."""

import gzip
import hashlib
import io
import json
import sys
import tarfile
from pathlib import Path

_OCI = "application/vnd.oci.image."


def layer(program: Path) -> bytes:
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w") as archive:
        entry = tarfile.TarInfo(program.name)
        entry.size, entry.mode = program.stat().st_size, 0o755
        archive.addfile(entry, io.BytesIO(program.read_bytes()))
    return raw.getvalue()


def main(name: str, program: Path, out: Path) -> None:
    blobs: dict[str, bytes] = {}

    def blob(data: bytes, media_type: str, **more: object) -> dict:
        digest = hashlib.sha256(data).hexdigest()
        blobs[digest] = data
        return {"mediaType": _OCI + media_type, "digest": f"sha256:{digest}", "size": len(data), **more}

    raw = layer(program)
    image = {
        "architecture": "amd64",
        "os": "linux",
        "config": {"Entrypoint": [f"/{program.name}"], "User": "65535:65535"},
        "rootfs": {"type": "layers", "diff_ids": ["sha256:" + hashlib.sha256(raw).hexdigest()]},
    }
    layers = [blob(gzip.compress(raw, 6, mtime=0), "layer.v1.tar+gzip")]
    config = blob(json.dumps(image, sort_keys=True).encode(), "config.v1+json")
    manifest = {
        "schemaVersion": 2,
        "mediaType": _OCI + "manifest.v1+json",
        "config": config,
        "layers": layers,
    }
    annotations = {
        "io.containerd.image.name": name,
        "org.opencontainers.image.ref.name": name.rpartition(":")[2],
    }
    entry = blob(json.dumps(manifest, sort_keys=True).encode(), "manifest.v1+json", annotations=annotations)
    index = {"schemaVersion": 2, "mediaType": _OCI + "index.v1+json", "manifests": [entry]}
    files = {"oci-layout": b'{"imageLayoutVersion":"1.0.0"}', "index.json": json.dumps(index).encode()}
    files |= {f"blobs/sha256/{digest}": data for digest, data in blobs.items()}
    with tarfile.open(out, "w") as archive:
        for path in sorted(files):
            info = tarfile.TarInfo(path)
            info.size, info.mode = len(files[path]), 0o644
            archive.addfile(info, io.BytesIO(files[path]))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
