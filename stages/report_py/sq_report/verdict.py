"""The finding of a market in two sentences, for somebody who reads nothing else."""

from __future__ import annotations

from sq.v1.report_pb2 import FailureKind, MarketReport


def verdict(report: MarketReport) -> str:
    """How good the search is, and what to do first."""
    return f"{_state(report)} {_deed(report)}"


def _state(report: MarketReport) -> str:
    coverage, overall = report.coverage, report.overall
    if not coverage.measured_queries:
        return "Nothing was measured: no query has judged results."
    lost = f"{100 * (1 - overall.ndcg.value):.0f} of 100 points of nDCG are lost"
    return f"Over the {coverage.measured:.0%} of the traffic that was measured, {lost}."


def _deed(report: MarketReport) -> str:
    claimed = [item for item in report.failure_classes if item.claimed]
    first = next((item for item in claimed if item.kind != FailureKind.FAILURE_KIND_NOT_SOLD), None)
    if report.unstable:
        return f"Nothing is claimed, because {report.unstable}."
    if first is None:
        return "No change that was tried would make a difference that can be told from chance."
    more = f" {len(claimed) - 1} more findings follow." if len(claimed) > 1 else ""
    return f"First: {first.headline}{more}"
