"""The size of a request before its usage is known."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from sq_llm.usage import BYTES_PER_TOKEN, Size

_PICTURE = "image_url"


def size_of(request: Mapping[str, Any], output_tokens: int, picture_tokens: int = 0) -> Size:
    """The size of a request.

    Args:
        output_tokens: that an answer usually has.
        picture_tokens: that each picture in the request costs. The length of a picture's data says nothing about that.
    """
    pictures = pictures_in(request)
    if pictures:
        request = {**request, "messages": [list(texts_of(message)) for message in request["messages"]]}
    size = len(json.dumps(request, ensure_ascii=False).encode())
    return Size(size + pictures * picture_tokens * BYTES_PER_TOKEN, output_tokens)


def pictures_in(request: Mapping[str, Any]) -> int:
    """How many pictures a request has."""
    contents = [message["content"] for message in request["messages"]]
    return sum(part["type"] == _PICTURE for content in contents if isinstance(content, list) for part in content)


def texts_of(message: Mapping[str, Any]) -> Iterator[str]:
    """The texts of a message of a request."""
    content = message["content"]
    yield from [content] if isinstance(content, str) else (part["text"] for part in content if part["type"] == "text")
