"""Which queries belong to a shard; the rule is the same in every language."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

from sq_stagekit.errors import InputError

_PATTERN = re.compile(r"(\d{1,4})/(\d{1,4})")


@dataclass(frozen=True)
class Shard:
    """One of `count` shards; `index` counts from 0."""

    index: int = 0
    count: int = 1

    @classmethod
    def parse(cls, text: str) -> Shard:
        """The shard that "I/N" names. Raises InputError."""
        match = _PATTERN.fullmatch(text)
        if match and int(match[1]) < int(match[2]):
            return cls(int(match[1]), int(match[2]))
        raise InputError("--shard", f"{text!r} is not I/N with 0 <= I < N", "give index and count, for example 0/4")

    def contains(self, query_id: str) -> bool:
        """Whether the query belongs to the shard.

        The first eight bytes of sha256(query_id), big-endian, modulo count must be the index.
        """
        number = int.from_bytes(hashlib.sha256(query_id.encode()).digest()[:8], "big")
        return number % self.count == self.index

    def __str__(self) -> str:
        return f"{self.index}/{self.count}"
