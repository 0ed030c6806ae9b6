"""What a reader must know before using the numbers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import fsum

from sq.v1.clicks_pb2 import ClickReport
from sq_report.failure_classes import Findings
from sq_report.market import Market
from sq_report.segments import Scored
from sq_report.settings import Settings


def notes(
    market: Market, scored: Sequence[Scored], findings: Findings, settings: Settings, clicks: ClickReport | None = None
) -> list[str]:
    """One sentence or two each, the weightiest first."""
    return [
        *_judge(market),
        *_coverage(market),
        *_unmeasured(scored),
        *_sample(scored, findings, settings),
        *(_clicks(clicks) if clicks else ()),
    ]


def _judge(market: Market) -> Iterator[str]:
    if any(judge.split("/")[0] == "baseline" for judge in market.judges):
        yield (
            "The judge is the baseline: it compares attributes and words and understands nothing. "
            "Take its grades for a first look, not for the relevance people would see."
        )
    if not market.judges:
        yield "Nothing was judged, because no pair came to the judge."
    accounting = market.accounting
    if accounting.judge_failures:
        yield (
            f"{accounting.judge_failures} of {accounting.pairs} pairs of query and product could not be judged. "
            "They count as irrelevant and lower judged@k."
        )


def _coverage(market: Market) -> Iterator[str]:
    summary = market.summary
    if fsum(segment.traffic_share for segment in market.segments) == 0:
        yield "The query set has no traffic, so every query counts the same."
    elif summary.traffic_covered < 1:
        yield (
            f"The segments taken hold {summary.traffic_covered:.1%} of the searches. Losses are of these segments "
            "alone; nothing is extrapolated to the rest."
        )
    tail = sum(segment.tail_sample for segment in market.segments)
    if tail:
        yield f"{tail} of {len(market.segments)} segments were drawn from the tail and stand for themselves only."
    if market.query_failures:
        yield (
            f"{len(market.query_failures)} chosen queries could not be made (translation failed). They are not "
            "measured; the other queries of their segments carry their traffic."
        )
    empty = sum(not segment.queries for segment in market.segments)
    if empty:
        yield f"{empty} segments have no query that could be made, and are not measured."


def _unmeasured(scored: Sequence[Scored]) -> Iterator[str]:
    unjudged = sum(not one.measures.measured for one in scored)
    if unjudged:
        yield (
            f"{unjudged} of {len(scored)} queries have results of which none is judged: their nDCG is 0 for want of "
            "judgments, and no cause is sought for them."
        )
    partly = sum(0 < (one.measures.judged or 0) < 1 for one in scored)
    if partly:
        yield f"{partly} queries have unjudged results above the cut-off, which count as irrelevant."
    hopeless = [one for one in scored if not one.measures.relevant_in_pool and one.measures.measured]
    if hopeless:
        share = fsum(one.data.traffic_share for one in hopeless)
        yield (
            f"{len(hopeless)} queries ({share:.1%} of traffic) have nothing relevant among all judged products, "
            "neither in the results nor among the catalogue's known matches: their nDCG is 0 by definition."
        )


def _sample(scored: Sequence[Scored], findings: Findings, settings: Settings) -> Iterator[str]:
    failed = sum(one.measures.retrieval_failed for one in scored)
    if scored and failed == len(scored):
        yield "Retrieval failed for every query, so there is nothing to compare with and nothing is claimed."
    elif findings.background < settings.minimum_sample:
        yield (
            f"Only {findings.background} queries show no sign of a cause, fewer than {settings.minimum_sample}. Each "
            "class is tested against all queries outside it instead, which makes claims harder to reach."
        )


def _clicks(clicks: ClickReport) -> Iterator[str]:
    if clicks.disagreements:
        yield (
            f"Judge and clicks disagree on {len(clicks.disagreements)} of {clicks.tested} products held against others "
            "of their query. Look at these before trusting the grades."
        )
    if not clicks.searches:
        yield (
            "The click log has no search for any of these queries that says what it showed, so nothing is said about "
            "clicks. Queries have to be in the market's language."
        )
        return
    if not any(grade.pairs for grade in clicks.grades):
        yield "No product in the click log is judged: do its object ids name products as the catalogue does?"
    if not any(position.identified for position in clicks.positions[1:]):
        yield (
            "The position bias of clicks cannot be told from this log: products hardly move between positions. "
            "Debiased rates are of the first position alone."
        )
