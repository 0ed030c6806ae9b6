"""Prints the compressed size of each image, and the part that it shares with other images."""

from __future__ import annotations

import sys
from collections import Counter
from dataclasses import dataclass

from release.contracts import TOGETHER
from release.table import TABLE, Release, read

MIB = 1 << 20


@dataclass(frozen=True)
class Row:
    """Compressed sizes in bytes. `shared` is in layers that other images have too. The limit is in MiB; 0 for none."""

    name: str
    layers: int
    size: int
    shared: int
    limit: int

    @property
    def fits(self) -> bool:
        return not self.limit or self.size < self.limit * MIB


def rows(releases: list[Release]) -> list[Row]:
    """One row for each image. Layers shared only with sq-all do not count as shared, because sq-all has all layers."""
    used = Counter(layer.digest for one in releases if one.name != TOGETHER for layer in one.image.layers)
    return [
        Row(
            one.name,
            len(one.image.layers),
            one.image.size,
            sum(layer.size for layer in one.image.layers if used[layer.digest] > (one.name != TOGETHER)),
            one.limit_mib,
        )
        for one in releases
    ]


def table(found: list[Row]) -> str:
    lines = [f"{'image':<20}{'layers':>7}{'MiB':>9}{'shared':>9}{'own':>9}{'limit':>7}"]
    for row in found:
        limit = str(row.limit or "")
        lines.append(
            f"{row.name:<20}{row.layers:>7}{row.size / MIB:>9.1f}{row.shared / MIB:>9.1f}"
            f"{(row.size - row.shared) / MIB:>9.1f}{limit:>7}{'' if row.fits else '  over'}"
        )
    return "\n".join(lines)


def main() -> int:
    releases = read(TABLE)
    found = rows(releases)
    print(table(found))
    distinct = {layer.digest: layer.size for one in releases for layer in one.image.layers}
    print(f"\nall together: {len(distinct)} layers, {sum(distinct.values()) / MIB:.1f} MiB in a registry")
    return 0 if all(row.fits for row in found) else 1


if __name__ == "__main__":
    sys.exit(main())
