"""How a stage ends other than well, and the exit code each way has."""

EXIT_DONE = 0
EXIT_BUG = 1
EXIT_BAD_INPUT = 2
EXIT_TRY_AGAIN = 75  # EX_TEMPFAIL of sysexits.h


class InputError(Exception):
    """Bad input or configuration: never worth a retry (exit 2).

    Args:
        field: what is wrong, as the user wrote it: a flag, a path in the configuration, a file and line.
        problem: what is wrong with it, with the value.
        fix: what to do.
    """

    def __init__(self, field: str, problem: str, fix: str) -> None:
        super().__init__(f"{field}: {problem}; {fix}")
        self.field = field
        self.problem = problem
        self.fix = fix


class TryAgainError(Exception):
    """Something outside may pass: the same command may succeed later (exit 75)."""


class Stopped(TryAgainError):
    """SIGTERM came; the work so far is kept for the next attempt (exit 75)."""

    def __init__(self) -> None:
        super().__init__("stopped on request; run the same command again to go on")
