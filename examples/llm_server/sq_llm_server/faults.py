"""Faults on demand."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

STATUSES = ("429", "500", "400", "401")
KINDS = (
    *STATUSES,
    "quota",
    "no_flex",
    "slow",
    "hang_up",
    "html",
    "choices_null",
    "usage_null",
    "garbage",
    "length",
    "partial",
    "refusal",
)


@dataclass
class Faults:
    """Decides which calls have a fault.

    Attributes:
        every: kind (one of KINDS) to n: every nth call has this fault.
        shares: kind to the share of calls, 0 to 1, that have this fault, drawn by `seed`.
        slow_seconds: duration of a slow call.
        delay_seconds: wait before every answer.
        retry_after_seconds: Retry-After of a 429.
        refuse: fields of a request that the service does not know.
    """

    every: dict[str, int] = field(default_factory=dict)
    slow_seconds: float = 1.0
    delay_seconds: float = 0.0
    retry_after_seconds: float = 0.05
    shares: dict[str, float] = field(default_factory=dict)
    seed: int = 0
    refuse: Sequence[str] = ()
    _calls: int = 0

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)

    def next(self, header: str = "") -> str:
        """The fault of the next call: the one in its header, otherwise a configured one, otherwise ""."""
        self._calls += 1
        drawn = self._random.random()
        for kind, share in self.shares.items():
            drawn -= share
            if drawn < 0:
                return header or kind
        return header or next((kind for kind, n in self.every.items() if self._calls % n == 0), "")

    @classmethod
    def parse(cls, texts: Sequence[str], **settings: float) -> Faults:
        """Parses "KIND:N" and "KIND:P%" texts. Raises ValueError if one has another form."""
        every, shares = {}, {}
        for text in texts:
            kind, _, amount = text.partition(":")
            number = amount.removesuffix("%") or "1"
            if kind not in KINDS or not re.fullmatch(r"\d+(\.\d+)?", number) or not float(number):
                raise ValueError(
                    f"{text!r} is not KIND:N or KIND:P%; KIND is one of {', '.join(KINDS)}, and N is at least 1"
                )
            if amount.endswith("%"):
                shares[kind] = float(number) / 100
            elif number.isdigit():
                every[kind] = int(number)
            else:
                raise ValueError(f"{text!r} is not KIND:N: N is a whole number")
        return cls(every=every, shares=shares, **settings)
