"""What the server sends: completions, and answers that differ from the protocol."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any
from urllib.parse import unquote, urlsplit

from starlette.responses import Response

# Of a picture, whatever its size.
PICTURE_TOKENS = 85


@dataclass(frozen=True)
class Raw:
    """A whole answer, as services and gateways give that differ from the protocol."""

    body: dict | bytes
    status: int = 200
    content_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def data(self) -> bytes:
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()

    def response(self, headers: dict[str, str] | None = None) -> Response:
        return Response(self.data, self.status, (headers or {}) | self.headers, self.content_type)


def torn(data: bytes) -> Response:
    """An answer whose connection is closed in its middle."""
    return Response(data[: len(data) // 2], headers={"content-length": str(len(data))})


def error(status: int, message: str, headers: dict[str, str] | None = None, **more: Any) -> Raw:
    """An error of the API. `more` are fields such as code and param."""
    told = {"message": message, "type": "invalid_request_error", "code": None, **more}
    return Raw({"error": told}, status, headers=headers or {})


def tokens_of(text: str) -> int:
    """Four characters are a token."""
    return len(text) // 4


def text_of(message: dict) -> str:
    """The text of a message: all of it, or its first part of text where it has several parts."""
    content = message["content"]
    if isinstance(content, str):
        return content
    return next(part["text"] for part in content if part["type"] == "text")


def document_of(request: dict) -> dict:
    """The JSON document in the user's message. Raises ValueError if it is none."""
    return json.loads(text_of(request["messages"][-1]))


def picture_words(request: dict) -> dict[int, str]:
    """The words in the addresses of a request's pictures, by the number of their product."""
    content = request["messages"][-1]["content"]
    parts = content if isinstance(content, list) else []
    found = {}
    for named, image in pairwise(parts):
        if image["type"] == "image_url":
            number = int("".join(filter(str.isdigit, named["text"])))
            found[number] = unquote(urlsplit(image["image_url"]["url"]).path)
    return found


def message_tokens(message: dict) -> int:
    """Tokens of all parts of a message. Raises ValueError for a part that is neither text nor a picture."""
    content = message["content"]
    return tokens_of(content) if isinstance(content, str) else sum(map(_part_tokens, content))


def _part_tokens(part: dict) -> int:
    match part["type"]:
        case "text":
            return tokens_of(part["text"])
        case "image_url":
            url, detail = part["image_url"]["url"], part["image_url"].get("detail", "auto")
            if not url.startswith(("http://", "https://", "data:image/")) or detail not in ("low", "high", "auto"):
                raise ValueError(f"no picture: {url[:100]}, detail {detail}")
            return PICTURE_TOKENS
    raise ValueError(f"Invalid value: '{part['type']}'")


def completion(request: dict, content: str | None, refusal: str | None = None, finish_reason: str = "stop") -> dict:
    """The body of an answer."""
    prompt_tokens = sum(map(message_tokens, request["messages"]))
    completion_tokens = tokens_of(content or refusal or "")
    message = {"role": "assistant", "content": content, "refusal": refusal}
    asked_tier = request.get("service_tier")
    # As the service does, it names the tier to those alone who ask for one.
    tier = {"service_tier": "flex" if asked_tier == "flex" else "default"} if asked_tier else {}
    return {
        "id": "chatcmpl-0",
        "object": "chat.completion",
        "created": 0,
        "model": request.get("model", ""),
        "choices": [{"index": 0, "message": message, "finish_reason": finish_reason}],
        "usage": {
            "prompt_tokens": prompt_tokens,
            "completion_tokens": completion_tokens,
            "total_tokens": prompt_tokens + completion_tokens,
            "prompt_tokens_details": {"cached_tokens": 0},
        },
        **tier,
    }


def faulty(request: dict, content: str, fault: str) -> Raw:
    """The answer with a fault; without one if `fault` is "" or concerns no answer."""
    match fault:
        case "html":
            return Raw(b"<html>gateway</html>", content_type="text/html")
        case "garbage":
            return Raw(completion(request, "Sure! Here are the grades: 4, 4, 4"))
        case "refusal":
            return Raw(completion(request, None, "I cannot help with that."))
        case "length":
            return Raw(completion(request, content[: len(content) // 2], None, "length"))
        case "partial":
            whole = json.loads(content)
            return Raw(completion(request, json.dumps({name: items[:-1] for name, items in whole.items()})))
        case "choices_null":
            return Raw(completion(request, content) | {"choices": None})
        case "usage_null":
            return Raw(completion(request, content) | {"usage": None})
    return Raw(completion(request, content))
