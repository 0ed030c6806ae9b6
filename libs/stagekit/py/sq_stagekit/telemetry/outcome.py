"""How a stage or a run ended, in the words of its span and metrics."""

from opentelemetry.trace import Span, Status, StatusCode

from sq_stagekit import errors

_OUTCOMES = {
    errors.EXIT_DONE: "done",
    errors.EXIT_BAD_INPUT: "bad input",
    errors.EXIT_STOP_HERE: "stopped",
    errors.EXIT_TRY_AGAIN: "try again",
}


def set_outcome(span: Span, exit_code: int, error: str = "") -> str:
    """Sets a span's exit code, outcome and status.

    Args:
        error: description of the failure; the outcome if empty.

    Returns:
        The outcome: done, bad input, try again or bug.
    """
    outcome = _OUTCOMES.get(exit_code, "bug")
    span.set_attributes({"sq.exit_code": exit_code, "sq.outcome": outcome})
    if exit_code not in (errors.EXIT_DONE, errors.EXIT_STOP_HERE):
        span.set_status(Status(StatusCode.ERROR, error or outcome))
    return outcome
