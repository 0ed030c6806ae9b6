"""Reads the measures of a run out of its report."""

from __future__ import annotations

from airflow.sdk.exceptions import AirflowFailException
from pydantic import AliasPath, Field, ValidationError

from sq_airflow.artefacts import place
from sq_airflow.json_model import ProtoJson, first_problem


class MarketMeasures(ProtoJson):
    """The part of sq.v1.MarketReport that is announced."""

    market: str
    ndcg: float = Field(validation_alias=AliasPath("overall", "ndcg", "value"))


class Report(ProtoJson):
    """The part of sq.v1.RunReport that is announced."""

    markets: tuple[MarketMeasures, ...] = ()


def measures(uri: str, storage_conn_id: str) -> dict[str, float]:
    """nDCG by market, from the report.json beside a consolidated report.

    Raises:
        AirflowFailException: the file is missing, or is not a report.
    """
    path = place(f"{uri}/report.json", storage_conn_id)
    try:
        report = Report.model_validate_json(path.read_bytes())
    except FileNotFoundError as error:
        raise AirflowFailException(f"{uri} has no report.json: check that run's id, and that it finished") from error
    except ValidationError as error:
        raise AirflowFailException(f"{uri}/report.json: {first_problem(error)}") from None
    return {market.market: market.ndcg for market in report.markets}
