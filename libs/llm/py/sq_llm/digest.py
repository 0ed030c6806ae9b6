"""Digests of requests: equal requests have equal answers."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any


def digest_of(request: Mapping[str, Any]) -> str:
    """sha256 of a request, in hexadecimal."""
    return hashlib.sha256(json.dumps(request, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
