"""Stops the stage when too many pairs could not be judged."""

from __future__ import annotations

from sq.v1.judgment_pb2 import (
    JUDGE_FAILURE_REASON_BUDGET,
    JUDGE_FAILURE_REASON_UNAVAILABLE,
    JUDGE_FAILURE_REASON_UNJUDGED,
    JudgeFailure,
    JudgeFailureReason,
)
from sq_evaluate.judge import Outcome
from sq_stagekit import InputError, TryAgainError, Work
from sq_stagekit.unusable import Unusable

# A budget that ended has its own message, and people rate what they like.
_EXPECTED = frozenset({JUDGE_FAILURE_REASON_BUDGET, JUDGE_FAILURE_REASON_UNJUDGED})
_LONGEST = 200


class FailedPairs:
    """Follows the share of the pairs that failed.

    Args:
        work: its configuration is an EvaluateConfig.
        field: of the judge in the configuration, for errors.
    """

    def __init__(self, work: Work, field: str) -> None:
        config = work.config
        share = config.max_failure_share if config.HasField("max_failure_share") else None
        self._share = Unusable("pairs failed", config.alarm, share, work.log)
        self._may_pass = 0
        self._allows_all = share == 1
        self._field = field

    def add(self, outcome: Outcome) -> None:
        """Counts a pair. Raises InputError or TryAgainError if all pairs up to the first look failed."""
        if not isinstance(outcome, JudgeFailure):
            self._share.add()
            return
        if outcome.reason in _EXPECTED:
            return
        self._may_pass += outcome.reason == JUDGE_FAILURE_REASON_UNAVAILABLE
        self._share.add(_tell(outcome))
        if self._share.all_at_first_look and not self._allows_all:
            raise self._error()

    def end(self) -> None:
        """Warns if many pairs failed. Raises InputError or TryAgainError if more failed than may."""
        self._share.warn()
        if self._share.exceeds:
            raise self._error()

    def _error(self) -> Exception:
        """Whether to try again depends on most of the failures."""
        if 2 * self._may_pass > self._share.unusable:
            return TryAgainError(f"{self._field}: {self._share}")
        return InputError(
            self._field, str(self._share), "correct what the reasons say; max_failure_share is the share that may fail"
        )


def _tell(failure: JudgeFailure) -> str:
    name = JudgeFailureReason.Name(failure.reason).removeprefix("JUDGE_FAILURE_REASON_")
    detail = " ".join(failure.detail.split())[:_LONGEST]
    return f"{name}, {detail}" if detail else name
