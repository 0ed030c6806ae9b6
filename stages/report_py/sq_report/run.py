"""sq-report: artefacts in, the market's report and its page out."""

from __future__ import annotations

from itertools import chain

from sq.v1.report_pb2 import RunReport
from sq_report.market_report import report_market
from sq_report.page import render_json, render_page
from sq_report.read import Sources, read_market
from sq_report.settings import Settings
from sq_stagekit import InputError, Work


def run(work: Work) -> None:
    if not work.market:
        raise InputError("--market", "is empty", "name the market")
    market = read_market(Sources(**{name: chain.from_iterable(readers) for name, readers in work.inputs.items()}))
    work.check_stop()
    report = report_market(work.market, market, Settings.of(work.config))
    work.check_stop()
    work.write(report)
    work.add_page("report.html", render_page(RunReport(markets=[report], ranking=report.failure_classes)))
    work.add_page("report.json", render_json(report))
    claimed = sum(item.claimed for item in report.failure_classes)
    work.log.info("report written", extra={"queries": len(report.queries), "claimed": claimed})
