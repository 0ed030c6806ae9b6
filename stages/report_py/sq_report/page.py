"""The page for people, and the same as JSON. Self-contained, and the same bytes for the same report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

import jinja2
from google.protobuf import json_format

from sq.v1.report_pb2 import FailureKind, MarketReport, QueryScore, RunReport, SegmentScore
from sq_measures.whole_log import no_interval
from sq_report import finding_words, wording
from sq_report.run_facts import RunFacts
from sq_report.trend import Trend

_UNKNOWN = RunFacts()
_NO_TRENDS: Mapping[str, Trend] = MappingProxyType({})
_SHOWN_SEGMENTS = 50
_SHOWN_QUERIES = 20
_SHOWN_DISAGREEMENTS = 20
_SHOWN_CLICKED = 20


def render_json(report: MarketReport | RunReport, run: RunFacts = _UNKNOWN) -> bytes:
    """The report in protobuf's JSON mapping; zeros and false are written out, since here they mean something."""
    whole = type(report)()
    whole.CopyFrom(report)
    whole.model_usage.extend(run.model_usage)
    whole.searched.extend(run.searched)
    report = whole
    text = json_format.MessageToJson(report, always_print_fields_with_no_presence=True, ensure_ascii=False, indent=1)
    return text.encode() + b"\n"


def render_page(report: RunReport, run: RunFacts = _UNKNOWN, trends: Mapping[str, Trend] = _NO_TRENDS) -> bytes:
    """The HTML page (UTF-8) of one or more markets. trends: by market, as a history has them."""
    markets = [
        _MarketView(number, market, run.searched_on(market.market), trends.get(market.market))
        for number, market in enumerate(report.markets, 1)
    ]
    anchors = {
        (view.report.market, item.class_id): f"m{view.number}-c{item.rank}"
        for view in markets
        for item in view.report.failure_classes
    }
    template = _environment().get_template("page.html.j2")
    return template.render(report=report, markets=markets, anchors=anchors, run=run).encode("utf-8", "replace")


class _MarketView:
    """A market's report with the parts of it that the page shows."""

    def __init__(self, number: int, report: MarketReport, searched_on: str, trend: Trend | None) -> None:
        self.number = number
        self.trend = trend
        self.searched_on = searched_on
        self.report = report
        self.claimed = [item for item in report.failure_classes if item.claimed]
        self.not_sold = [item for item in report.failure_classes if item.kind == FailureKind.FAILURE_KIND_NOT_SOLD]
        segments = _by_loss(report.segments)
        self.segments = segments[:_SHOWN_SEGMENTS]
        self.more_segments = segments[_SHOWN_SEGMENTS:]
        self.unexplained = _unexplained(report.queries)[:_SHOWN_QUERIES]
        self.disagreements = report.clicks.disagreements[:_SHOWN_DISAGREEMENTS]
        self.clicked_queries = _most_searched(report.queries)[:_SHOWN_CLICKED]
        self.variants = sum(query.variants for query in report.queries)
        self.queries_with_variants = sum(query.variants > 0 for query in report.queries)


def _by_loss(segments: Sequence[SegmentScore]) -> list[SegmentScore]:
    return sorted(segments, key=lambda segment: (-segment.loss.value, segment.segment_id))


def _most_searched(queries: Sequence[QueryScore]) -> list[QueryScore]:
    clicked = [query for query in queries if query.HasField("clicks")]
    return sorted(clicked, key=lambda query: (-query.clicks.searches, query.query_id))


def _unexplained(queries: Sequence[QueryScore]) -> list[QueryScore]:
    unexplained = [query for query in queries if not query.class_id and query.loss > 0]
    return sorted(unexplained, key=lambda query: (-query.loss, query.query_id))


def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {
        filter.__name__: filter for filter in (*wording.FILTERS, *finding_words.FILTERS, no_interval)
    }
    return environment
