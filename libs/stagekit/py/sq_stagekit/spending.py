"""What a stage spends on a paid model, for its progress, its logs and its manifest."""

from __future__ import annotations

from typing import Protocol

from sq.v1.manifest_pb2 import ModelUsage


class Spending(Protocol):
    """Counts paid calls, as sq_llm's Budget does."""

    def usage(self) -> ModelUsage:
        """What was used so far, with the budget."""
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


def budget_ended(usage: ModelUsage) -> str:
    """One sentence about a budget that ended, with what raises it; "" if it did not end."""
    if not usage.budget_ended:
        return ""
    parts = []
    if usage.max_usd:
        parts.append(f"${usage.usd:.4g} of max_usd {usage.max_usd:.4g}")
    if usage.max_tokens:
        parts.append(f"{usage.input_tokens + usage.output_tokens} of max_tokens {usage.max_tokens}")
    if usage.max_calls:
        parts.append(f"{usage.calls} of max_calls {usage.max_calls}")
    used = f"{', '.join(parts)} used" if parts else "the stages before left nothing of it"
    return f"the budget ended before the work: {used}; raise it and run again with the same run ID, which continues"
