"""Copies the blobs that a layout's index refers to into a new layout, and checks each digest."""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
import sys
from pathlib import Path

import layout
from layout import LayoutError


def copy(index: Path, blobs: list[Path], out: Path) -> None:
    """Writes the layout.

    Raises:
        LayoutError: a blob's name is not the digest of its content, or the manifest is missing.
    """
    layout.start(out)
    for blob in blobs:
        with blob.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
        if found != blob.name:
            raise LayoutError(f"{blob.name} has other content, with the digest {found}")
        shutil.copyfile(blob, out / "blobs" / "sha256" / blob.name)
    shutil.copyfile(index, out / "index.json")
    descriptor = layout.root(out)
    document = json.loads(layout.read_blob(out, descriptor))
    for item in [document.get("config"), *document.get("layers", []), *document.get("manifests", [])]:
        if item and not layout.blob_path(out, item["digest"]).exists():
            raise LayoutError(f"the layout lacks the blob {item['digest']}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(allow_abbrev=False)
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--index", type=Path, required=True)
    parser.add_argument("blobs", type=Path, nargs="*")
    flags = parser.parse_args()
    try:
        copy(flags.index, flags.blobs, flags.output)
    except LayoutError as error:
        sys.exit(str(error))
