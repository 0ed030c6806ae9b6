"""What probing costs beside the same runs without it."""

from __future__ import annotations

from collections.abc import Sequence

from sq_diagnosis_e2e.truth import MarketRun


def cost_line(runs: Sequence[MarketRun], seconds: float) -> str:
    """Searches a query and pairs judged, as multiples of what a run without probes needs."""
    queries = sum(len(run.report.queries) for run in runs)
    probes = sum(run.report.probing.probes for run in runs)
    every = sum(len(grades) for run in runs for grades in run.grades.values())
    extra = sum(run.report.probing.pairs for run in runs)
    return (
        f"cost: {1 + probes / queries:.2f} searches a query, {every / (every - extra):.2f} times the pairs, "
        f"{seconds:.0f} seconds for {len(runs)} shops"
    )
