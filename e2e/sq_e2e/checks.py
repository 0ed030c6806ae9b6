"""Named checks: prints one line for each, with the time since the start, and 'N passed, N failed' at the end."""

from __future__ import annotations

import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager


class Checks:
    """Counts named checks. A check that raises has failed, and the next check still runs."""

    def __init__(self) -> None:
        self.passed = 0
        self.failed = 0
        self._start = time.monotonic()

    @contextmanager
    def check(self, name: str) -> Iterator[None]:
        """Runs the body as one check. The check fails if the body raises."""
        try:
            yield
        except Exception as error:
            self.failed += 1
            print(f"FAIL {self._clock()} {name}: {error or type(error).__name__}", flush=True)
            traceback.print_exc()
        else:
            self.passed += 1
            print(f"ok   {self._clock()} {name}", flush=True)

    def _clock(self) -> str:
        minutes, seconds = divmod(int(time.monotonic() - self._start), 60)
        return f"{minutes}:{seconds:02}"

    def close(self) -> int:
        """Prints the closing line. Returns the exit code: 0 if at least one check ran and all passed."""
        print(f"{self.passed} passed, {self.failed} failed", flush=True)
        return 0 if self.passed and not self.failed else 1
