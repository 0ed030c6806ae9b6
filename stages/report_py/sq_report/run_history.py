"""Reads the history for the page of a run, and adds the run to it."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from sq.v1.report_pb2 import MarketReport
from sq_handoff import ArtefactReader
from sq_history import History, OtherFigures, Row
from sq_report.history_rows import Made, rows_of
from sq_report.trend import Trend
from sq_stagekit import InputError
from sq_stagekit.search_times import search_times

# Runs of a market that the page shows at most: a year of weekly ones.
RUNS = 52


@dataclass(frozen=True)
class RunHistory:
    """The history, and what this run adds.

    Attributes:
        trends: by market. A market whose report has no date has none.
        rows: by market; a market whose report is unfinished adds none.
    """

    history: History
    trends: dict[str, Trend]
    rows: dict[str, list[Row]]

    @classmethod
    def read(cls, uri: str, run_id: str, markets: Sequence[tuple[MarketReport, ArtefactReader]]) -> RunHistory:
        """What the history holds at this moment. Nothing is added yet.

        Raises:
            InputError: the URI has no scheme that sq knows.
        """
        try:
            history = History(uri)
        except ValueError as error:
            raise InputError("history_uri", str(error), "give a folder, s3://… or gs://…") from error
        listing = history.list()
        trends: dict[str, Trend] = {}
        added: dict[str, list[Row]] = {}
        for report, reader in markets:
            rows = rows_of(report, _made(run_id, report.market, reader))
            if not rows:
                continue
            unfinished = bool(reader.manifest.provenance.unfinished)
            snapshot = listing.read(report.market, rows[0].interval_date, RUNS)
            trends[report.market] = Trend.of(snapshot, rows[0], unfinished=unfinished)
            if not unfinished:
                added[report.market] = rows
        return cls(history, trends, added)

    def add(self, log: logging.Logger) -> None:
        """Adds the rows, which changes nothing if they are there."""
        for market in self.trends.keys() - self.rows.keys():
            log.warning("the history gets no figures of an unfinished market", extra={"of": market})
        for market, rows in sorted(self.rows.items()):
            try:
                new = self.history.add(rows)
            except OtherFigures as error:
                log.warning(f"{error}; give each run its own ID or history", extra={"of": market})
                continue
            said = "figures added to the history" if new else "the history has these figures already"
            log.info(said, extra={"of": market, "rows": len(rows), "uri": self.history.uri})


def _made(run_id: str, market: str, reader: ArtefactReader) -> Made:
    provenance = reader.manifest.provenance
    asked = [item.start.ToDatetime().date() for item in search_times([reader]) if item.market == market]
    return Made(
        run_id=run_id,
        asked_on=min(asked, default=None),
        model_usage=tuple(provenance.model_usage),
        report_digest=reader.manifest.digest,
        program_digest=provenance.image_digest,
    )
