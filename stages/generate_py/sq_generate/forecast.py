"""Weighs the queries taken by a forecast: they stand for the traffic of the weeks to come."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import fsum

from sq.v1.forecast_pb2 import ForecastRecord
from sq.v1.generate_config_pb2 import GenerateConfig
from sq.v1.query_pb2 import QueryLogSummary
from sq_generate.engine import SegmentTraffic
from sq_generate.sample import TakenQuery
from sq_handoff import ArtefactReader
from sq_stagekit import InputError

_FIELD = "forecast_uri"
# Share of the traffic, of the forecast or of the log, for which the other may have no segment. Small ones come and go.
_MOST_UNMATCHED = 0.1
# No segment has this id.
_OTHERS = ""


@dataclass(frozen=True)
class Forecast:
    """The traffic of the weeks to come.

    Attributes:
        shares: of the whole traffic, 0..1, by segment.
        others: the same of all other segments together. All shares add up to 1.
        window: start and end of the weeks.
    """

    shares: Mapping[str, float]
    others: float
    window: QueryLogSummary


def read_forecast(config: GenerateConfig) -> Forecast | None:
    """The forecast that the configuration names.

    Raises:
        InputError: it has no week after the log's window, or no traffic there.
        ArtefactError: there is none, or it is of another type.
    """
    if not config.forecast_uri:
        return None
    # 0 without an end: all weeks come after it.
    after = config.log.end.ToNanoseconds()
    traffic: dict[str, float] = {}
    window = QueryLogSummary()
    for record in ArtefactReader.open(config.forecast_uri, ForecastRecord):
        weeks = [week for week in record.segment.weeks if week.end.ToNanoseconds() > after]
        if weeks:
            traffic[_OTHERS if record.segment.others else record.segment.segment_id] = fsum(w.searches for w in weeks)
            window.start.CopyFrom(weeks[0].start)
            window.end.CopyFrom(weeks[-1].end)
    total = fsum(traffic.values())
    if total <= 0:
        problem = f"the forecast {config.forecast_uri} has no traffic after the log's end"
        raise InputError(_FIELD, problem, "make one from newer query sets")
    shares = {name: searches / total for name, searches in traffic.items()}
    others = shares.pop(_OTHERS, 0.0)
    return Forecast(shares, others, window)


def weigh(
    taken: Sequence[TakenQuery], segments: Iterable[SegmentTraffic], searches: int, forecast: Forecast
) -> list[TakenQuery]:
    """The queries, with the searches that each stands for as the forecast has them. Their sum stays.

    A segment's queries all change by one factor: its share of the forecast by its share of the log. Segments without a
    forecast of their own share the factor of the others. So estimates stay those of a stratified sample.

    Args:
        segments: those that the queries are in.
        searches: of the whole log.

    Raises:
        InputError: too much traffic is in segments that only the forecast or only the log has.
    """
    log = {segment.segment_id: segment.searches / searches for segment in segments}
    factors, rest = _factors(log, forecast)
    weights = [query.weight * factors.get(query.traffic.segment_id, rest) for query in taken]
    scale = fsum(query.weight for query in taken) / fsum(weights)
    return [replace(query, weight=weight * scale) for query, weight in zip(taken, weights, strict=True)]


def _factors(log: Mapping[str, float], forecast: Forecast) -> tuple[dict[str, float], float]:
    """What to multiply the weights of each named segment with, and those of all others."""
    named = {name: share for name, share in forecast.shares.items() if name in log}
    missing = [name for name in forecast.shares if name not in log]
    unnamed = 1 - fsum(log[name] for name in named)
    others = forecast.others + fsum(forecast.shares[name] for name in missing)
    lost = others if unnamed <= 0 else others - forecast.others
    if lost > _MOST_UNMATCHED:
        raise _unmatched(f"{lost:.0%} of the forecast's traffic is of segments that the log lacks", missing)
    new = [name for name in log if name not in named]
    if unnamed > _MOST_UNMATCHED and not forecast.others:
        raise _unmatched(f"{unnamed:.0%} of the log's traffic is of segments that the forecast lacks", new)
    # No query may stand for nothing: it would count as one of a list without a design.
    least = 1e-9
    factors = {name: max(share, least) / log[name] for name, share in named.items()}
    return factors, max(others, least) / unnamed if unnamed > 0 else 1.0


def _unmatched(problem: str, examples: Sequence[str]) -> InputError:
    named = f", such as {', '.join(sorted(examples)[:3])}" if examples else ""
    fix = "make the forecast from query sets of this log, with the same languages, catalogue and value_tag_types"
    return InputError(_FIELD, f"{problem}{named}", fix)
