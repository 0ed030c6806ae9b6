"""Figures in sentences."""

from __future__ import annotations


def count_of(count: int, one: str = "query", many: str = "") -> str:
    """A count with its noun: "1 query", "2,100 products".

    Args:
        many: the plural where it is not the singular with an s.
    """
    plural = many or ("queries" if one == "query" else f"{one}s")
    return f"{count:,} {one if count == 1 else plural}"


def p_value(value: float) -> str:
    """A p-value with three decimals; no test gives 0, so a smaller one is "<0.001"."""
    return "<0.001" if value < 0.001 else f"{value:.3f}"
