"""The table of images: what each weighs compressed, and what it shares with others."""

from __future__ import annotations

import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from release.layouts import Image

MIB = 1 << 20

# In MiB, compressed.
LIMITS = {"sq-retrieve": 16, "sq-evaluate": 80, "sq-report": 120, "sq-generate": 120}


@dataclass(frozen=True)
class Row:
    """Sizes in bytes, compressed; shared: in layers that other images have too."""

    name: str
    layers: int
    size: int
    shared: int
    limit: int | None

    @property
    def fits(self) -> bool:
        return self.limit is None or self.size < self.limit * MIB


def rows(images: list[Image], together: str = "sq-all") -> list[Row]:
    """A row an image. What only `together`, which has every layer, shares with an image does not count as shared."""
    used = Counter(layer.digest for image in images if image.name != together for layer in image.layers)
    return [
        Row(
            image.name,
            len(image.layers),
            image.size,
            sum(layer.size for layer in image.layers if used[layer.digest] > (image.name != together)),
            LIMITS.get(image.name),
        )
        for image in images
    ]


def table(found: list[Row]) -> str:
    lines = [f"{'image':<14}{'layers':>7}{'MiB':>9}{'shared':>9}{'own':>9}{'limit':>7}"]
    for row in found:
        limit = "" if row.limit is None else str(row.limit)
        lines.append(
            f"{row.name:<14}{row.layers:>7}{row.size / MIB:>9.1f}{row.shared / MIB:>9.1f}"
            f"{(row.size - row.shared) / MIB:>9.1f}{limit:>7}{'' if row.fits else '  over'}"
        )
    return "\n".join(lines)


def main(layouts: list[str]) -> int:
    images = [Image.open(Path(layout)) for layout in layouts]
    found = rows(images)
    print(table(found))
    distinct = {layer.digest: layer.size for image in images for layer in image.layers}
    print(f"\nall together: {len(distinct)} layers, {sum(distinct.values()) / MIB:.1f} MiB in a registry")
    return 0 if all(row.fits for row in found) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
