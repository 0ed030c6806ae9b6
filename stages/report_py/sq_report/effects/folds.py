"""Folds of the cross-fitting."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def folds_of(query_ids: Sequence[str], folds: int) -> NDArray[np.intp]:
    """The fold of each query, 0..folds-1: a hash of its id, so that it does not depend on the other queries."""
    digests = (hashlib.sha256(b"fold/" + query_id.encode()).digest()[:8] for query_id in query_ids)
    return np.array([int.from_bytes(digest, "big") % folds for digest in digests], dtype=np.intp)
