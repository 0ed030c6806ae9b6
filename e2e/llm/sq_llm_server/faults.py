"""Faults on demand."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from threading import Lock

KINDS = ("429", "500", "400", "401", "slow", "garbage", "html", "refusal", "partial", "length", "hang_up")


@dataclass
class Faults:
    """Decides which calls have a fault.

    Attributes:
        every: kind (one of KINDS) to n: every nth call has this fault.
        slow_seconds: duration of a slow call.
        delay_seconds: wait before every answer.
        retry_after_seconds: Retry-After of a 429.
    """

    every: dict[str, int] = field(default_factory=dict)
    slow_seconds: float = 1.0
    delay_seconds: float = 0.0
    retry_after_seconds: float = 0.05
    _calls: int = 0
    _lock: Lock = field(default_factory=Lock)

    def next(self, header: str = "") -> str:
        """The fault of the next call: the one in its header, otherwise one of `every`, otherwise ""."""
        with self._lock:
            self._calls += 1
            calls = self._calls
        if self.delay_seconds:
            time.sleep(self.delay_seconds)
        return header or next((kind for kind, n in self.every.items() if calls % n == 0), "")

    @classmethod
    def parse(cls, texts: list[str], **settings: float) -> Faults:
        """Parses "KIND:N" texts. Raises ValueError if one has another form."""
        every = {}
        for text in texts:
            kind, _, count = text.partition(":")
            if kind not in KINDS or not (count or "1").isdigit() or count == "0":
                raise ValueError(f"{text!r} is not KIND:N; KIND is one of {', '.join(KINDS)}, and N is at least 1")
            every[kind] = int(count or "1")
        return cls(every, **settings)
