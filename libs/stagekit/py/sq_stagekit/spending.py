"""What a stage spends on a paid model, for its progress, its logs and its manifest."""

from __future__ import annotations

from collections.abc import Mapping
from math import ceil, floor, log10
from typing import Protocol

from sq.v1.manifest_pb2 import ModelUsage
from sq_stagekit.errors import InputError

# Dollars are rounded up to this many digits: an estimate has no more.
_DIGITS = 2


class Spending(Protocol):
    """Counts paid calls, as sq_llm's Budget does."""

    def usage(self) -> ModelUsage:
        """What was used so far, with the budget."""
        ...

    def enough(self) -> Mapping[str, float]:
        """A value of each limit of the budget, by its name, that suffices for all that was to be asked for."""
        ...


class Reuse(Protocol):
    """Counts what kept answers saved, as sq_llm's Tally does."""

    def fields(self) -> dict[str, int]:
        """More fields of the log line "model usage"."""
        ...

    def problem(self) -> str:
        """One sentence about kept answers that could not be used; "" if there were none."""
        ...


def fields(usage: ModelUsage) -> dict[str, int | float]:
    """The fields of the log line "model usage"."""
    found = {
        "calls": usage.calls,
        "input_tokens": usage.input_tokens,
        "cached_tokens": usage.cached_tokens,
        "output_tokens": usage.output_tokens,
        "usd": round(usage.usd, 6),
    }
    if usage.reduced_tokens:
        found["reduced_tokens"] = usage.reduced_tokens
    if usage.fallbacks:
        found["fallbacks"] = usage.fallbacks
    return found


def budget_ended(usage: ModelUsage, enough: Mapping[str, float] | None = None) -> str:
    """One sentence about a budget that ended, with what raises it; "" if it did not end.

    Args:
        enough: see Spending; None where it is not known.
    """
    if not usage.budget_ended:
        return ""
    to = f" to {_values(enough)}" if enough else ""
    used = _used(usage)
    return f"the budget ended before the work: {used}; raise it{to} and run again with the same run ID, which continues"


def nothing_bought(field: str, asked: str, usage: ModelUsage, enough: Mapping[str, float]) -> InputError:
    """The error of a stage or report that has nothing, because its budget ended too early.

    Args:
        field: path of the budget in the configuration.
        asked: what there is nothing of, such as "none of 48 pairs is judged".
        enough: see Spending.
    """
    whole = ", and the run's max_usd if that is the limit" if "max_usd" in enough else ""
    fix = f"raise it to {_values(enough)} or more{whole}; run again with the same run ID, which continues"
    return InputError(field, f"is too small: {asked}, {_used(usage)}", fix)


def rounded_up(dollars: float) -> float:
    """Dollars with two digits that count, never less than was given."""
    if dollars <= 0:
        return 0.0
    places = _DIGITS - 1 - floor(log10(dollars))
    return round(ceil(round(dollars * 10**places, 6)) / 10**places, max(places, 0))


def _values(enough: Mapping[str, float]) -> str:
    return ", ".join(f"{name} {value:.10g}" for name, value in enough.items())


def _used(usage: ModelUsage) -> str:
    parts = []
    if usage.max_usd:
        parts.append(f"${usage.usd:.4g} of max_usd {usage.max_usd:.4g}")
    if usage.max_tokens:
        parts.append(f"{usage.input_tokens + usage.output_tokens} of max_tokens {usage.max_tokens}")
    if usage.max_calls:
        parts.append(f"{usage.calls} of max_calls {usage.max_calls}")
    return f"{', '.join(parts)} used" if parts else "the stages before left nothing of it"
