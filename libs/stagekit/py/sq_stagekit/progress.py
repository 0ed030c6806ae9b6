"""Progress of a stage, on stderr."""

from __future__ import annotations

import logging
import sys
import time

from sq_stagekit.spending import Spending

_INTERVAL_SECONDS = 10.0


class Progress:
    """A progress bar on a terminal; elsewhere a log line every ten seconds at most."""

    def __init__(self, log: logging.Logger) -> None:
        self._log = log
        self.spending: Spending | None = None
        self._last = time.monotonic()

    def __call__(self, done: int, total: int, unit: str = "records") -> None:
        """Shows that `done` of `total` are done; call it as often as you like."""
        if sys.stderr.isatty():
            cost = f", ${self.spending.usage().usd:.2f}" if self.spending else ""
            filled = 30 * done // max(total, 1)
            print(
                f"\r\x1b[K{'█' * filled}{'░' * (30 - filled)} {done}/{total} {unit}{cost}",
                end="" if done < total else "\n",
                file=sys.stderr,
                flush=True,
            )
        elif time.monotonic() - self._last >= _INTERVAL_SECONDS:
            self._last = time.monotonic()
            cost = {"usd": round(self.spending.usage().usd, 4)} if self.spending else {}
            self._log.info("progress", extra={"done": done, "total": total, "unit": unit, **cost})
