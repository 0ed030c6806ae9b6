"""sq-report: artefacts in, the market's report and its page out."""

from __future__ import annotations

from itertools import chain

from sq.v1.report_pb2 import RunReport
from sq_report.clicks.click_report import MarketClicks, report_clicks
from sq_report.clicks.log import FIELD, read_clicks
from sq_report.ended_budget import refuse_ended_budget
from sq_report.market import Market
from sq_report.market_report import report_market
from sq_report.page import render_json, render_page
from sq_report.read import Sources, read_market
from sq_report.run_facts import RunFacts
from sq_report.settings import Settings
from sq_source.run_window import check_filled
from sq_stagekit import InputError, Work
from sq_text.normalise import normalise

# Impressions of a product for a query before its clicks are claimed.
_MINIMUM_IMPRESSIONS = 20


def run(work: Work) -> None:
    if not work.market:
        raise InputError("--market", "is empty", "name the market")
    if work.config.history_uri:
        raise InputError("history_uri", "is of all markets", "give it in consolidate")
    check_filled(work.config.clicks, FIELD)
    with work.phase("read"):
        market = read_market(Sources(**{name: chain.from_iterable(readers) for name, readers in work.inputs.items()}))
    work.check_stop()
    settings = Settings.of(work.config)
    with work.phase("measure"):
        report = report_market(work.market, market, settings, _clicks(work, market, settings))
    work.check_stop()
    if not report.coverage.measured_queries:
        refuse_ended_budget(report.accounting, work.inputs["judgments"])
    work.write(report)
    facts = RunFacts.of(work.run_id, chain.from_iterable(work.inputs.values()))
    with work.phase("page"):
        work.add_page("report.html", render_page(RunReport(markets=[report], ranking=report.failure_classes), facts))
        work.add_page("report.json", render_json(report, facts))
    claimed = sum(item.claimed for item in report.failure_classes)
    work.log.info("report written", extra={"queries": len(report.queries), "claimed": claimed})


def _clicks(work: Work, market: Market, settings: Settings) -> MarketClicks | None:
    if not work.config.HasField("clicks"):
        return None
    config = work.config.clicks
    table = read_clicks(config, _texts(market), work.check_stop)
    work.log.info("clicks read", extra={"searches": len(table.search_query), "impressions": len(table.search)})
    return report_clicks(market, table, settings, config.minimum_impressions or _MINIMUM_IMPRESSIONS)


def _texts(market: Market) -> dict[str, str]:
    """Query id by text. Of queries that are searched alike, that of most traffic: clicks cannot tell them apart."""
    by_traffic = sorted(market.queries, key=lambda data: (data.traffic_share, data.query_id))
    return {normalise(data.query.text): data.query_id for data in by_traffic}
