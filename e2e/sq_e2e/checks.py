"""Named checks: prints one line for each, and 'N passed, N failed' at the end."""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from contextlib import contextmanager


class Checks:
    """Counts named checks. A check that raises has failed, and the next check still runs."""

    def __init__(self) -> None:
        self.passed = 0
        self.failed = 0

    @contextmanager
    def check(self, name: str) -> Iterator[None]:
        """Runs the body as one check. The check fails if the body raises."""
        try:
            yield
        except Exception as error:
            self.failed += 1
            print(f"FAIL {name}: {error or type(error).__name__}", flush=True)
            traceback.print_exc()
        else:
            self.passed += 1
            print(f"ok   {name}", flush=True)

    def close(self) -> int:
        """Prints the closing line. Returns the exit code: 0 if at least one check ran and all passed."""
        print(f"{self.passed} passed, {self.failed} failed", flush=True)
        return 0 if self.passed and not self.failed else 1
