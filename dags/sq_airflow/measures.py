"""Reads the figures of a run out of its report."""

from __future__ import annotations

from pydantic import AliasPath, Field, ValidationError

from sq_airflow.json_model import ProtoJson, first_problem
from sq_airflow.store import read


class NoReport(Exception):
    """A run has no report, or one that cannot be read."""


class MarketFigures(ProtoJson):
    """The part of sq.v1.MarketReport that is announced.

    Attributes:
        ndcg: of what was measured, 0..1.
        loss: share of the traffic that is lost, 0..1.
        window: the days of the log, in words; empty without a window.
    """

    market: str
    ndcg: float = Field(validation_alias=AliasPath("overall", "ndcg", "value"))
    loss: float = Field(default=0.0, validation_alias=AliasPath("overall", "loss", "value"))
    window: str = Field(default="", validation_alias=AliasPath("summary", "window"))


class SearchTime(ProtoJson):
    """When one part of a market was searched (sq.v1.SearchTime)."""

    market: str = ""
    start: str = ""
    end: str = ""


class Report(ProtoJson):
    """The part of sq.v1.RunReport that is announced."""

    markets: tuple[MarketFigures, ...] = ()
    searched: tuple[SearchTime, ...] = ()

    @property
    def ndcg(self) -> dict[str, float]:
        """nDCG by market."""
        return {market.market: market.ndcg for market in self.markets}

    def figures(self) -> dict[str, dict[str, object]]:
        """The figures of each market, with the days of its log and of its search."""
        return {market.market: self._of(market) for market in self.markets}

    def _of(self, market: MarketFigures) -> dict[str, object]:
        times = [item for item in self.searched if item.market == market.market]
        return {
            "ndcg": market.ndcg,
            "loss": market.loss,
            "log": market.window,
            "searched_from": min((item.start for item in times), default=""),
            "searched_to": max((item.end for item in times), default=""),
        }


def read_report(uri: str, storage_conn_id: str) -> Report:
    """The figures, from the report.json beside a consolidated report.

    Raises:
        NoReport: the file is missing, or is not a report.
        StorageError: storage does not answer, or refuses Airflow.
    """
    try:
        return Report.model_validate_json(read(f"{uri}/report.json", storage_conn_id))
    except FileNotFoundError as error:
        raise NoReport(f"{uri} has no report.json: check that run's id, and that it finished") from error
    except ValidationError as error:
        raise NoReport(f"{uri}/report.json: {first_problem(error)}") from None
