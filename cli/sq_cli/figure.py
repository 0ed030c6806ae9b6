"""A figure of agreement in a table or sentence."""

from __future__ import annotations

from sq_agreement import Figure


def figure_text(figure: Figure) -> str:
    """The value and its interval; a dash where it is not defined."""
    if figure.value is None:
        return "–"
    interval = "" if figure.low is None else f" [{figure.low:.2f}, {figure.high:.2f}]"
    return f"{figure.value:.2f}{interval}"
