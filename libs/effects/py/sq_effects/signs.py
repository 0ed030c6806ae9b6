"""Sign flips: every pattern where they are few, random ones otherwise."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

# Bounds the memory of a block of flips.
_CELLS = 1 << 21


def all_signs(count: int) -> NDArray[np.float64]:
    """(2^count, count) every pattern of +1 and -1; the first is the one observed, all +1."""
    patterns = np.arange(1 << count)[:, np.newaxis] >> np.arange(count) & 1
    return 1.0 - 2.0 * patterns


def random_signs(flips: int, count: int, seed: int, name: str) -> Iterator[NDArray[np.float64]]:
    """Random patterns in blocks of rows, flips rows of count in all.

    Args:
        name: of the test, mixed into the seed, so that one test's flips do not depend on the others.
    """
    words = np.frombuffer(hashlib.sha256(name.encode()).digest()[:16], dtype="<u4")
    generator = np.random.Generator(np.random.PCG64([seed, *words.tolist()]))
    rows = max(1, _CELLS // count)
    for first in range(0, flips, rows):
        block = min(rows, flips - first)
        raw = np.frombuffer(generator.bytes(-(-block * count // 8)), dtype=np.uint8)
        bits = np.unpackbits(raw, count=block * count).reshape(block, count)
        yield 1.0 - 2.0 * bits
