"""Faults of batches on demand."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from sq_llm_server.faults import Faults

BATCH_KINDS = (
    "expired",
    "failed",
    "queue_full",
    "bad_line",
    "failed_lines",
    "partial",
    "garbage_lines",
    "lost_output",
)


@dataclass
class BatchFaults:
    """Decides which batches have a fault, and which of their lines it concerns.

    Attributes:
        every: kind (one of BATCH_KINDS) to n: every nth batch has this fault.
        line_share: share of a batch's lines that a fault of lines concerns, 0 to 1.
        seconds: that a batch takes.
        max_requests, max_bytes: of a batch; more are refused.
        calls: faults of the calls themselves: a status, or hang_up, whose call is done and its answer lost.
    """

    every: dict[str, int] = field(default_factory=dict)
    line_share: float = 0.3
    seconds: float = 0.0
    max_requests: int = 50_000
    max_bytes: int = 200_000_000
    seed: int = 0
    calls: Faults = field(default_factory=Faults)

    def of(self, number: int) -> str:
        """The fault of the batch with this number, counted from 1; "" for none."""
        return next((kind for kind, n in self.every.items() if number % n == 0), "")

    def hit(self, number: int, lines: int) -> set[int]:
        """The lines, counted from 0, that a fault of this batch concerns: at least one."""
        drawn = random.Random(f"{self.seed}/{number}")
        return set(drawn.sample(range(lines), max(1, round(lines * self.line_share)))) if lines else set()

    @classmethod
    def parse(cls, texts: Sequence[str], **settings: float) -> BatchFaults:
        """Parses "KIND:N" texts. Raises ValueError if one has another form."""
        every = {}
        for text in texts:
            kind, _, number = text.partition(":")
            if kind not in BATCH_KINDS or not re.fullmatch(r"[1-9]\d*", number or "1"):
                raise ValueError(
                    f"{text!r} is not KIND:N; KIND is one of {', '.join(BATCH_KINDS)}, and N is at least 1"
                )
            every[kind] = int(number or 1)
        return cls(every=every, **settings)
