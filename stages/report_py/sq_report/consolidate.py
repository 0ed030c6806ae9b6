"""sq-consolidate: the reports of all markets in, one report and one page out."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from sq.v1.report_pb2 import MarketReport, RunReport
from sq_report.page import render_json, render_page
from sq_report.ranking import rank
from sq_report.run_facts import RunFacts
from sq_report.run_history import RunHistory
from sq_stagekit import InputError, Stage, Work, run_stage


def consolidate(markets: Sequence[MarketReport]) -> RunReport:
    """One report of all markets, which are sorted by name.

    A class's loss stays a share of its own market's traffic, and what is claimed stays as each market's own
    false-discovery control decided; rank counts anew over all of them.
    """
    return RunReport(
        markets=sorted(markets, key=lambda market: market.market),
        ranking=rank(item for market in markets for item in market.failure_classes),
    )


def run(work: Work) -> None:
    if work.config.HasField("clicks"):
        raise InputError("clicks", "are of one market", "give them in the report of each market")
    markets, reports = [], []
    for reader in work.inputs["reports"]:
        records = list(reader)
        if len(records) != 1:
            raise InputError("reports", f"{reader.uri} holds {len(records)} reports, not one", "run sq-report again")
        markets += records
        reports.append((records[0], reader))
    twins = [name for name, count in Counter(market.market for market in markets).items() if count > 1]
    if twins:
        raise InputError("reports", f"market {twins[0]} is given twice", "give each market once")
    report = consolidate(markets)
    work.write(report)
    facts = RunFacts.of(work.run_id, work.inputs["reports"])
    history = RunHistory.read(work.config.history_uri, work.run_id, reports) if work.config.history_uri else None
    work.add_page("report.html", render_page(report, facts, history.trends if history else {}))
    work.add_page("report.json", render_json(report, facts))
    if history:
        history.add(work.log)


def stage() -> Stage:
    """The contract of this stage; its program is the whole package."""
    package = Path(__file__).absolute().parent
    return Stage.beside(str(package.parent / "consolidate" / "stage.textproto"))


def main() -> int:
    return run_stage(stage(), run)


if __name__ == "__main__":
    sys.exit(main())
