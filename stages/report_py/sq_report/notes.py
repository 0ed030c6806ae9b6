"""What a reader must know before using the numbers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import fsum

from sq.v1.clicks_pb2 import ClickReport
from sq_report.findings import Findings
from sq_report.judge_kinds import compares_words
from sq_report.market import Market
from sq_report.measures import State
from sq_report.scored import Scored
from sq_report.settings import Settings
from sq_report.shared_list import shared_list
from sq_report.trust import trust_notes
from sq_text import count_of


def notes(
    market: Market, scored: Sequence[Scored], findings: Findings, settings: Settings, clicks: ClickReport | None = None
) -> list[str]:
    """One sentence or two each, the weightiest first."""
    return [
        *_judge(market, findings),
        *trust_notes(market.trust, market.judges),
        *_coverage(market),
        *_unmeasured(scored, settings),
        *_probes(market, findings),
        *(_clicks(clicks) if clicks else ()),
    ]


def _judge(market: Market, findings: Findings) -> Iterator[str]:
    if any(map(compares_words, market.judges)):
        yield (
            "The judge compares attributes and words; it does not understand language. "
            "Use its grades for a first look, not as what people would say."
        )
    yield from (why for item in findings.classes if (why := shared_list(item.mechanism, market.judges)))
    if not market.judges:
        yield "Nothing was judged, because no pair came to the judge."
    accounting = market.accounting
    if accounting.judge_failures:
        yield (
            f"{accounting.judge_failures} of {accounting.pairs} pairs of query and product could not be judged. "
            "The measures leave them out."
        )


def _coverage(market: Market) -> Iterator[str]:
    summary = market.summary
    designed = any(query.represents for segment in market.segments for query in segment.queries)
    if fsum(segment.traffic_share for segment in market.segments) == 0:
        yield "The query set has no traffic, so every query counts the same."
    shared = sum(segment.tail_sample for segment in market.segments)
    if shared:
        yield (
            f"{shared} of {len(market.segments)} segments have too little traffic for a sample of their own. Queries "
            "were drawn from all such segments together, and stand for those that are not listed too."
        )
    if market.query_failures:
        instead = (
            f"{1 - summary.traffic_covered:.1%} of the traffic, which they stand for, is in no figure."
            if designed
            else "The other queries of their segments stand for their traffic."
        )
        yield f"Not translated, and so not measured: {count_of(len(market.query_failures))}. {instead}"
    empty = sum(not segment.queries for segment in market.segments)
    if empty:
        yield f"Without a query that could be made, and so not measured: {count_of(empty, 'segment')}."


def _unmeasured(scored: Sequence[Scored], settings: Settings) -> Iterator[str]:
    unjudged = [one for one in scored if one.measures.state is State.UNJUDGED]
    if unjudged:
        share = fsum(one.data.traffic_share for one in unjudged)
        yield (
            f"Not measured: {len(unjudged)} of {count_of(len(scored))} ({share:.1%} of the traffic). Less than "
            f"{settings.minimum_judged:.0%} of their results is judged, or nothing relevant is known and not all is "
            "judged. They are in no mean and in no loss."
        )
    partly = sum(one.measures.counts and 0 < (one.measures.judged or 0) < 1 for one in scored)
    if partly:
        yield f"Measured without the results that are not judged: {count_of(partly)}."


def _probes(market: Market, findings: Findings) -> Iterator[str]:
    if not market.probes:
        yield "No change to the search was tried, so no cause in the search itself is claimed."
        return
    if findings.unstable:
        yield f"Nothing is claimed from the changes that were tried: {findings.unstable}."
    for name, why in sorted(findings.trials.not_measurable.items()):
        yield f"The mechanism {name} was tried and could not be measured: {why}."
    for name, (queries, why) in sorted(findings.trials.left_out.items()):
        yield f"Left out of the test of {name}: {count_of(queries)}. The reason: {why}."
    failed = findings.probing.failed
    if failed:
        yield f"Without an answer, and left out: {failed} of {count_of(findings.probing.probes, 'probe')}."


def _clicks(clicks: ClickReport) -> Iterator[str]:
    if clicks.disagreements:
        yield (
            f"Judge and clicks disagree on {len(clicks.disagreements)} of {clicks.tested} products held against others "
            "of their query. Look at these before trusting the grades."
        )
    if not clicks.searches:
        yield (
            "No search of the click log is for one of these queries and says what it showed, so clicks are not "
            "compared. The log's queries must be in the market's language."
        )
        return
    if not any(grade.pairs for grade in clicks.grades):
        yield "No product in the click log is judged: do its object ids name products as the catalogue does?"
    if not any(position.identified for position in clicks.positions[1:]):
        yield (
            "This log cannot show the position bias of clicks, because products hardly move between positions. "
            "Debiased rates use the first position only."
        )
