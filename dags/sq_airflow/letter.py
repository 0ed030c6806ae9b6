"""The mail about a finished run."""

from __future__ import annotations

import html
from collections.abc import Mapping
from typing import Any

_HEAD = "<tr><th>market</th><th>nDCG</th><th>baseline</th><th>log</th><th>searched</th></tr>"
_DATE = len("2026-01-05")


def letter(message: Mapping[str, Any]) -> str:
    """The announcement as HTML: a row for each market."""
    baseline = message.get("baseline_measures", {})
    rows = "".join(_row(market, found, baseline.get(market)) for market, found in message["figures"].items())
    missing = f"<p>{html.escape(message['baseline_missing'])}</p>" if "baseline_missing" in message else ""
    return f"<p>{html.escape(message['report'])}</p><table>{_HEAD}{rows}</table>{missing}"


def _row(market: str, found: Mapping[str, Any], baseline: float | None) -> str:
    figures = [f"{found['ndcg']:.3f}", "" if baseline is None else f"{baseline:.3f}"]
    cells = [html.escape(market), *figures, html.escape(found["log"]), found["searched_from"][:_DATE]]
    return f"<tr>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"
