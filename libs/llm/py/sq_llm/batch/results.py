"""What a batch says about its requests, line by line."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from openai.types import Batch

from sq_llm.batch.line import Line
from sq_llm.completion import Completion
from sq_llm.endpoint import Endpoint
from sq_llm.failure import Failure, MalformedCompletionError, Scope, classify, classify_line
from sq_llm.usage import Usage

_OK = 200
# Codes of lines that the service did not come to.
_NOT_REACHED = frozenset({"batch_expired", "batch_cancelled"})


@dataclass(frozen=True)
class Result:
    """What became of a request: an answer, or a failure.

    Attributes:
        used: by this batch, at the reduced price.
        again: whether another batch may answer it.
        untouched: this batch does not count as one that had the request.
    """

    completion: Completion | None = None
    failure: Failure | None = None
    used: Usage = Usage()
    again: bool = False
    untouched: bool = False


def results(batch: Batch, files: Sequence[bytes], lines: Sequence[Line], endpoint: Endpoint) -> list[Result]:
    """The result of each line, in order.

    Args:
        files: output and errors of the batch, as far as the service has them.
    """
    told = dict(found for data in files for found in _told(data))
    by_person = batch.status in ("cancelled", "cancelling")
    return [_result(told.get(line.digest), line, batch.id, endpoint, stopped=by_person) for line in lines]


def _told(data: bytes) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The lines of a file by their digests. What is no line of a batch is left out: its request counts as missing."""
    for written in data.splitlines():
        try:
            line = json.loads(written)
        except (ValueError, RecursionError):
            continue
        if isinstance(line, Mapping) and isinstance(line.get("custom_id"), str):
            yield line["custom_id"], line


def _result(told: Mapping[str, Any] | None, line: Line, batch_id: str, endpoint: Endpoint, *, stopped: bool) -> Result:
    paid = line.estimate.at_reduced_price()
    if told is None:
        if stopped:
            return Result(failure=Failure(Scope.PASSING, message=f"batch {batch_id} was cancelled"))
        # The service may have answered it and lost the answer.
        return Result(failure=Failure(Scope.PASSING, message=f"batch {batch_id} lacks it"), used=paid, again=True)
    response, error = _mapping(told.get("response")), _mapping(told.get("error"))
    status, body = response.get("status_code"), response.get("body")
    if status == _OK:
        try:
            completion = Completion.of(body, line.estimate)
        except MalformedCompletionError as malformed:
            return Result(failure=classify(malformed, endpoint.field, endpoint.extra), used=paid, again=True)
        return Result(completion, used=completion.usage.at_reduced_price())
    if error.get("code") in _NOT_REACHED:
        message = str(error.get("message") or error["code"])
        return Result(failure=Failure(Scope.PASSING, 0, error["code"], message), again=not stopped)
    told_error = _mapping(_mapping(body).get("error")) or error
    failure = classify_line(status if isinstance(status, int) else 500, told_error, endpoint.field, endpoint.extra)
    return Result(failure=failure, again=failure.scope is Scope.PASSING)


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
