"""Calls a function for many numbers, on all cores."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable
from functools import lru_cache
from multiprocessing.pool import Pool
from typing import TypeVar

T = TypeVar("T")


def each(work: Callable[[int], T], count: int) -> list[T]:
    """The results of work(0), work(1), … in order. It must be possible to pickle `work`."""
    return _pool().map(work, range(count), chunksize=max(1, min(20, count // 16)))


@lru_cache(maxsize=1)
def _pool() -> Pool:
    """One process a core for all tables.

    The processes are spawned, because BLAS reads its number of threads when it is loaded. Each process has one.
    """
    os.environ["OPENBLAS_NUM_THREADS"] = "1"
    return multiprocessing.get_context("spawn").Pool(os.cpu_count())
