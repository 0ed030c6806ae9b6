"""Reads JSON in what a model wrote: inside code fences, after reasoning or other text, or cut off."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

_REASONING = re.compile(r"<(think|thinking|reasoning)>.*?(</\1>|\Z)", re.DOTALL | re.IGNORECASE)
# Places where a document may begin. More of them are no answer.
_MOST_STARTS = 50
_DECODER = json.JSONDecoder()


def read_objects(text: str, name: str) -> list[dict[str, Any]]:
    """The objects of the list `name` in the model's answer, in order.

    Of an answer that was cut off, the whole objects before the cut. An answer of another form gives none.
    """
    text = _REASONING.sub("", text)
    for document in _documents(text):
        found = document.get(name)
        if isinstance(found, list):
            return [item for item in found if isinstance(item, dict)]
    start = re.search(rf'"{re.escape(name)}"\s*:\s*\[', text)
    return list(_before_the_cut(text, start.end())) if start else []


def _documents(text: str) -> Iterator[Mapping[str, Any]]:
    """The JSON objects that stand in a text, outermost ones first."""
    start = text.find("{")
    for _ in range(_MOST_STARTS):
        if start < 0:
            return
        found, end = _decode(text, start)
        if isinstance(found, dict):
            yield found
        start = text.find("{", end if end > start else start + 1)


def _before_the_cut(text: str, position: int) -> Iterator[dict[str, Any]]:
    while (start := text.find("{", position)) >= 0:
        found, position = _decode(text, start)
        if not isinstance(found, dict):
            return
        yield found


def _decode(text: str, start: int) -> tuple[object, int]:
    """The JSON value at a position and its end; (None, start) if there is none."""
    try:
        found, end = _DECODER.raw_decode(text, start)
        # JSON may name halves of surrogate pairs, which no text may contain.
        json.dumps(found, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return json.loads(json.dumps(found, ensure_ascii=False).encode("utf-8", "replace")), end
    except (ValueError, RecursionError):
        return None, start
    return found, end
