"""What is wrong with the interval of a run, or with the log that should follow it."""

from __future__ import annotations


class IntervalError(Exception):
    """One field, what is wrong with it, and what to do.

    Attributes:
        field: such as "to" or "generate.log.uri".
    """

    def __init__(self, field: str, problem: str, fix: str) -> None:
        super().__init__(f"{field}: {problem}; {fix}")
        self.field = field
        self.problem = problem
        self.fix = fix
