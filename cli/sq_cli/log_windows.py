"""Fills the interval of a run, `--from` and `--to`, into the logs of a configuration."""

from __future__ import annotations

from google.protobuf import json_format

from sq.v1.run_config_pb2 import MarketConfig, RunConfig
from sq_interval import GivenDays, IntervalError, MarketLogs
from sq_stagekit.errors import InputError

_NAMES = ("--from", "--to")


def given_days(first: str, end: str) -> GivenDays | None:
    """The interval of the command line; None if there is none. Raises InputError if only one of the two is given."""
    if not first and not end:
        return None
    try:
        return GivenDays(first, end, _NAMES)
    except IntervalError as error:
        raise _input_error(error) from None


def check_days(config: RunConfig) -> None:
    """Raises InputError if a market's log_days name a time zone that this machine does not know."""
    for market in config.markets:
        try:
            days = _logs(market).days
            _ = days.zone, days.uri_zone
        except IntervalError as error:
            raise _input_error(error, market.market) from None


def fill_windows(config: RunConfig, interval: GivenDays | None) -> None:
    """Fills start, end and the dates of URIs into the logs of all markets.

    Without an interval, a log that says nothing about its window is read whole.

    Raises:
        InputError: a log needs an interval and there is none, or no log follows the one that is given.
    """
    logs = {market.market: _logs(market) for market in config.markets}
    if interval and not any(market.any_follows for market in logs.values()):
        raise InputError(
            "--from",
            "changes nothing, because all logs have a fixed window",
            "omit --from and --to, or remove start, end and window from the logs",
        )
    for market in config.markets:
        try:
            filled = logs[market.market].filled(interval, whole=True)
        except IntervalError as error:
            raise _input_error(error, market.market) from None
        for stage, log in (
            ("generate", market.generate.log),
            ("diagnose", market.diagnose.clicks),
            ("report", market.report.clicks),
        ):
            if stage in filled:
                log.Clear()
                json_format.ParseDict(filled[stage], log)


def _logs(market: MarketConfig) -> MarketLogs:
    try:
        return MarketLogs.of(json_format.MessageToDict(market, preserving_proto_field_name=True))
    except IntervalError as error:
        raise _input_error(error, market.market) from None


def _input_error(error: IntervalError, market: str = "") -> InputError:
    field = error.field if not market or error.field in _NAMES else f"{market}: {error.field}"
    return InputError(field, error.problem, error.fix.replace("from and to", "--from and --to"))
