"""The finding of a market in two sentences, for somebody who reads nothing else."""

from __future__ import annotations

from sq.v1.report_pb2 import MarketReport


def verdict(report: MarketReport) -> str:
    """How good the search is, and what to do first."""
    return f"{_state(report)} {_deed(report)}"


def _state(report: MarketReport) -> str:
    coverage, overall = report.coverage, report.overall
    if not coverage.measured_queries and coverage.not_sold:
        return "Nothing was measured: nothing that was judged is relevant."
    if not coverage.measured_queries:
        return "Nothing was measured: no query has judged results."
    lost = f"the search loses {100 * (1 - overall.ndcg.value):.0f} of 100 points of ranking quality (nDCG)"
    return f"Over the {coverage.measured:.0%} of the traffic that was measured, {lost}."


def _deed(report: MarketReport) -> str:
    first = next((item for item in report.failure_classes if item.claimed), None)
    if first is not None:
        # The caveat of a gain that the judge cannot contradict. Only such findings come first if there is no other.
        return f"{first.headline} {first.not_measurable}".rstrip()
    if report.unstable:
        return f"No change is recommended, because {report.unstable}."
    if not report.coverage.measured_queries and report.coverage.not_sold:
        return "See whether the products are for sale, and look at some judgments."
    if not report.coverage.measured_queries:
        return "Judge some results, then run again."
    if not report.probing.tests and report.probing.probes:
        return "Changes to the search were tried, and too few of their results are judged to claim a cause."
    if not report.probing.tests:
        return "No change to the search was tried, so no cause is claimed."
    return "No change that was tried makes a difference that can be told from chance."
