"""Whether a model's service answers at all: when to give up, and when there is nothing to publish."""

from __future__ import annotations

from dataclasses import dataclass

from sq.v1.judgment_pb2 import (
    JUDGE_FAILURE_REASON_BUDGET,
    JUDGE_FAILURE_REASON_UNAVAILABLE,
    JudgeFailureReason,
)
from sq_llm import Usage
from sq_stagekit import InputError, TryAgainError

# Calls in a row without an answer, after which further calls are a waste.
_GIVE_UP_AFTER = 20


@dataclass(frozen=True)
class Answer:
    """The result of one request: the content of the answer, or the reason why there is none.

    Attributes:
        used: counts against the budget; nothing for an answer that another run or shard paid for.
        answered: the service answered, now or earlier, whatever the answer says.
    """

    content: str = ""
    failure: JudgeFailureReason = 0
    detail: str = ""
    used: Usage = Usage()
    answered: bool = False


class Health:
    """Follows the answers of one service."""

    def __init__(self) -> None:
        self._answered = False
        self._unanswered_in_a_row = 0
        self._refusal = ""

    def note(self, answer: Answer) -> None:
        """Takes the next answer. Raises TryAgainError after too many calls in a row without one."""
        if answer.answered:
            self._answered = True
            self._unanswered_in_a_row = 0
        elif answer.failure == JUDGE_FAILURE_REASON_UNAVAILABLE:
            self._unanswered_in_a_row += 1
        elif answer.failure != JUDGE_FAILURE_REASON_BUDGET:
            self._refusal = self._refusal or answer.detail
        if self._unanswered_in_a_row >= _GIVE_UP_AFTER:
            raise TryAgainError(
                f"openai.endpoint: {self._unanswered_in_a_row} calls in a row got no answer, the last: "
                f"{answer.detail}; the answers so far are kept for the next attempt"
            )

    def check(self) -> None:
        """Raises InputError or TryAgainError if no call was answered: then there is nothing to publish."""
        if self._answered:
            return
        if self._refusal:
            raise InputError("openai.endpoint", self._refusal, "correct what the model or the service does not accept")
        if self._unanswered_in_a_row:
            raise TryAgainError("openai.endpoint: the model answered no call")
