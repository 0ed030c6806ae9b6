"""Makes an index of images for several platforms."""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from pathlib import Path

import layout
from layout import LayoutError


def build(images: list[Path], out: Path, annotations: dict[str, str] | None = None) -> None:
    """Writes the layout of an index of images, in their order.

    Raises:
        LayoutError: an image is an index itself, or two images have one platform.
    """
    layout.start(out)
    manifests = []
    for image in images:
        for blob in sorted((image / "blobs" / "sha256").iterdir()):
            target = out / "blobs" / "sha256" / blob.name
            if not target.exists():
                shutil.copyfile(blob, target)
        descriptor = layout.root(image)
        if descriptor.get("mediaType") in layout.INDEXES:
            raise LayoutError(f"images: {image} is an index, and an index holds images alone: give its images")
        config = layout.config_of(image, json.loads(layout.read_blob(image, descriptor)))
        entry = {key: descriptor[key] for key in ("mediaType", "digest", "size")}
        manifests.append(entry | {"platform": layout.platform(config)})
    platforms = [json.dumps(entry["platform"]) for entry in manifests]
    twice = {one for one in platforms if platforms.count(one) > 1}
    if twice:
        raise LayoutError(f"images: several for the platform {sorted(twice)[0]}")
    document = {"schemaVersion": 2, "mediaType": layout.INDEX, "manifests": manifests}
    if annotations:
        document["annotations"] = annotations
    layout.finish(out, layout.put(out, document, layout.INDEX))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(allow_abbrev=False)
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--image", type=Path, action="append", required=True)
    parser.add_argument("--annotations", type=Path)
    flags = parser.parse_args()
    try:
        build(flags.image, flags.output, dict(layout.pairs_of(flags.annotations)) if flags.annotations else None)
    except LayoutError as error:
        sys.exit(str(error))
