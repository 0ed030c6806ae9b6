"""Decides when a model's service is not worth another call."""

from __future__ import annotations

from sq_llm.failure import Failure, Scope
from sq_stagekit import InputError, TryAgainError

# Calls in a row without an answer, after which more calls are a waste.
_GIVE_UP_AFTER = 20
# Equal refusals in a row, with no answer before, after which every call is expected to fail so.
_SAME_REFUSALS = 3


class Health:
    """Follows the calls to one service.

    Args:
        field: path of the endpoint in the configuration.
        patient: calls are answered in batches, whose results come at once and in any order. So a row of failures says
            nothing about calls to come, and `check` alone judges them.
    """

    def __init__(self, field: str, *, patient: bool = False) -> None:
        self._field = field
        self._patient = patient
        self._answered = False
        self._passing_in_a_row = 0
        self._last: Failure | None = None
        self._refusals: list[Failure] = []

    def answered(self) -> None:
        self._answered = True
        self._passing_in_a_row = 0

    def failed(self, failure: Failure) -> None:
        """Takes a failed call.

        Raises:
            InputError: every call would fail in this way.
            TryAgainError: too many calls in a row got no answer.
        """
        if failure.scope is Scope.ALL:
            raise self._refuses(failure)
        if failure.scope is Scope.PASSING:
            self._passing_in_a_row += 1
            self._last = failure
            if self._passing_in_a_row >= _GIVE_UP_AFTER and not self._patient:
                raise TryAgainError(
                    f"{self._field}: {self._passing_in_a_row} calls in a row got no answer, the last: {failure}; "
                    "the answers so far are kept for the next attempt"
                )
            return
        self._passing_in_a_row = 0
        self._refusals.append(failure)
        last = self._refusals[-_SAME_REFUSALS:]
        if self._patient or failure.refused:
            return
        if not self._answered and len(last) == _SAME_REFUSALS and len(set(last)) == 1:
            raise self._refuses(failure)

    def check(self) -> None:
        """Raises InputError or TryAgainError if calls were made and none was answered."""
        if self._answered:
            return
        if self._refusals and not all(failure.refused for failure in self._refusals):
            raise self._refuses(next(failure for failure in self._refusals if not failure.refused))
        if self._passing_in_a_row:
            raise TryAgainError(f"{self._field}: the model answered no call, the last: {self._last}")

    def _refuses(self, failure: Failure) -> InputError:
        setting = f"{self._field}.{failure.setting}" if failure.setting else self._field
        fix = failure.fix or "correct what the model or the service does not accept"
        return InputError(setting, f"the service refuses the calls with {failure}", fix)
