"""Exit codes of a stage, and the errors that lead to them."""

EXIT_DONE = 0
EXIT_BUG = 1
EXIT_BAD_INPUT = 2
EXIT_STOP_HERE = 3
EXIT_TRY_AGAIN = 75  # EX_TEMPFAIL of sysexits.h


class InputError(Exception):
    """Bad input or configuration; a retry cannot help (exit 2).

    Args:
        field: where it is, as the user wrote it: a flag, a path in the configuration, a file and line.
        problem: what is wrong, with the value.
        fix: what to do.
    """

    def __init__(self, field: str, problem: str, fix: str) -> None:
        super().__init__(f"{field}: {problem}; {fix}")
        self.field = field
        self.problem = problem
        self.fix = fix


class StopHere(Exception):
    """The work came to an end before its last stage, as it should: what follows is not to run (exit 3).

    Args:
        reason: why, in one sentence for people.
    """


class TryAgainError(Exception):
    """A temporary failure: the same command may succeed later (exit 75)."""


class Stopped(TryAgainError):
    """The stage received SIGTERM or SIGINT. The next attempt continues its work (exit 75)."""

    def __init__(self, message: str = "stopped by a signal; run the same command again to continue") -> None:
        super().__init__(message)
