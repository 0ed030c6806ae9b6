"""Cuts texts into batches, one for each call."""

from __future__ import annotations

from collections.abc import Iterator, Sequence


def batches(texts: Sequence[str], max_texts: int, max_bytes: int) -> Iterator[list[str]]:
    """Batches in order, each within both limits. A text larger than `max_bytes` is a batch of its own."""
    batch: list[str] = []
    size = 0
    for text in texts:
        # A code point takes at most four bytes. Encoding every text to measure it would cost more than it saves.
        length = 4 * len(text) + 8
        if batch and (len(batch) == max_texts or size + length > max_bytes):
            yield batch
            batch, size = [], 0
        batch.append(text)
        size += length
    if batch:
        yield batch
