"""Lines of logs: some are very long, and some belong to the bulk API of OpenSearch and Elasticsearch."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping

LONGEST_LINE = 16 << 20
_BULK_ACTIONS = frozenset(["index", "create"])


def numbered_lines(stream: io.BufferedIOBase) -> Iterator[tuple[int, bytes | None]]:
    """Lines with their numbers from 1. A line of LONGEST_LINE bytes or more is None, to bound memory."""
    number = 0
    while line := stream.readline(LONGEST_LINE):
        number += 1
        if len(line) < LONGEST_LINE or line.endswith(b"\n"):
            yield number, line
            continue
        while (rest := stream.readline(LONGEST_LINE)) and not rest.endswith(b"\n"):
            pass
        yield number, None


def unframed(document: dict[str, object]) -> dict[str, object]:
    """A document without the frame of Elasticdump: {"_index": …, "_id": …, "_source": {…}}.

    Its fields are found by their own names, and by paths that begin with "_source." as well.
    """
    source = document.get("_source")
    if isinstance(source, dict) and ("_id" in document or "_index" in document):
        return {**document, **source}
    return document


def is_framing(document: Mapping[str, object]) -> bool:
    """True for a line of the bulk API that says where the next document goes: {"index": {...}}."""
    if len(document) != 1:
        return False
    ((action, target),) = document.items()
    return action in _BULK_ACTIONS and isinstance(target, dict)
