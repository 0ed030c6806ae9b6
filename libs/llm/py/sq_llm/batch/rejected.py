"""What it means that a service rejects a whole batch before it answers any request."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from openai.types import Batch, BatchError

from sq_llm.batch.line import Line
from sq_llm.batch.results import Result
from sq_llm.endpoint import Endpoint
from sq_llm.failure import Failure, Scope, classify_line
from sq_stagekit import InputError, TryAgainError

# The service takes so many tokens of all batches at once.
_QUEUE_FULL = "token_limit_exceeded"
_BAD_REQUEST = 400


@dataclass(frozen=True)
class Rejection:
    """Attributes:
    results: of each line, in order.
    error: why no further batch is worth submitting; None if one is.
    queue_full: the same batch may be taken when others have ended.
    """

    results: Sequence[Result]
    error: InputError | TryAgainError | None = None
    queue_full: bool = False


def rejected(batch: Batch, lines: Sequence[Line], endpoint: Endpoint, *, alone: bool) -> Rejection:
    """Reads why a batch failed.

    Args:
        batch: whose status is "failed".
        alone: whether no other batch of this work was open at any time since its submission.
    """
    errors = (batch.errors.data if batch.errors else None) or []
    by_line = {error.line: error for error in errors if error.line and error.line <= len(lines)}
    if by_line:
        # The others are without fault, and no batch has tried them.
        untouched = Result(failure=_failure(errors[0], endpoint), again=True, untouched=True)
        return Rejection(
            [
                Result(failure=_failure(by_line[n], endpoint)) if n in by_line else untouched
                for n in range(1, len(lines) + 1)
            ]
        )
    failure = _failure(errors[0], endpoint) if errors else Failure(Scope.PASSING)
    queue_full = any(error.code == _QUEUE_FULL for error in errors)
    passing = replace(failure, scope=Scope.PASSING, message=f"batch {batch.id} failed: {failure.message}")
    again = Result(failure=passing, again=True, untouched=queue_full)
    if queue_full and alone:
        error = TryAgainError(
            f"{endpoint.field}: the service queues no batch of {len(lines)} requests now: {failure}; "
            f"wait until its other batches end, or lower {endpoint.field}.batch.max_requests"
        )
        return Rejection([again] * len(lines), error)
    if failure.scope is Scope.ALL:
        fix = failure.fix or "correct what the service does not accept, or leave out mode"
        error = InputError(f"{endpoint.field}.mode", f"the batch failed: {failure}", fix)
        return Rejection([again] * len(lines), error)
    return Rejection([again] * len(lines), queue_full=queue_full)


def _failure(error: BatchError, endpoint: Endpoint) -> Failure:
    told = {"code": error.code, "message": endpoint.without_key(error.message or ""), "param": error.param}
    return classify_line(_BAD_REQUEST, told, endpoint.field, endpoint.extra)
