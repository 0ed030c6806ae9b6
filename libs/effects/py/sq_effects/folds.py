"""Folds of the cross-fitting."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

# A query is in many trials and tests.
_KEPT = 1 << 16


def folds_of(query_ids: Sequence[str], folds: int) -> NDArray[np.intp]:
    """The fold of each query, 0..folds-1: a hash of its id, so that it does not depend on the other queries."""
    return np.array([_number(query_id) % folds for query_id in query_ids], dtype=np.intp)


@lru_cache(_KEPT)
def _number(query_id: str) -> int:
    return int.from_bytes(hashlib.sha256(b"fold/" + query_id.encode()).digest()[:8], "big")
