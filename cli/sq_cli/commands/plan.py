"""`sq plan`: what a run's judgments will cost, and how many queries a difference needs."""

from __future__ import annotations

import json as json_format
import os
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Annotated

import typer

from sq.v1.manifest_pb2 import ModelUsage
from sq.v1.report_pb2 import RunReport
from sq.v1.run_config_pb2 import RunConfig
from sq_cli import history
from sq_cli.commands.run import execute
from sq_cli.commands.show import report_of
from sq_cli.compare.run_records import markets_of, read_market
from sq_cli.console import err
from sq_cli.log_windows import fill_windows, given_days
from sq_cli.market_names import check_market_names
from sq_cli.money.detect import CORRELATION, Spread, detection, spread_of
from sq_cli.money.estimate import Estimate, Rates
from sq_cli.money.market_plan import BEFORE, PaidMarket, paying_markets
from sq_cli.money.prices import Prices, read_prices
from sq_cli.money.shortfall import shortfalls
from sq_cli.money.show import print_detection, print_estimates
from sq_cli.plan import Task
from sq_cli.plan import plan as tasks_of
from sq_cli.process_runtime import ProcessRuntime
from sq_cli.programs import read_pipeline
from sq_cli.run_config import read_run_config
from sq_cli.run_id import new_run_id
from sq_handoff import ArtefactReader
from sq_stagekit.errors import InputError


def plan(
    config: Annotated[Path | None, typer.Argument(help="Run configuration (YAML).")] = None,
    run: Annotated[
        list[str] | None,
        typer.Option(
            "--run", help="Finished run: counts its results, with the rates of its bill. Twice for --detect: A, B."
        ),
    ] = None,
    first: Annotated[
        str, typer.Option("--from", metavar="DAY", help="First day of the logs to read, as of `sq run`.")
    ] = "",
    end: Annotated[str, typer.Option("--to", metavar="DAY", help="Day after the last one.")] = "",
    prices: Annotated[
        Path | None, typer.Option(help="Prices of models (YAML). Default: those of this release, with their date.")
    ] = None,
    call_seconds: Annotated[
        float | None, typer.Option(min=0.001, help="Mean seconds of a call. Default: by the length of its answer.")
    ] = None,
    detect: Annotated[
        float | None,
        typer.Option(min=0.0001, max=1, help="Difference of mean nDCG, 0..1: how many queries and audits it needs."),
    ] = None,
    correlation: Annotated[
        float,
        typer.Option(min=0, max=1, help="For --detect: of a query's change by the judge and by the audit's judge."),
    ] = CORRELATION,
    json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON.")] = False,
) -> int:
    """Say what judging CONFIG will cost before anything is paid, by mode and packing.

    It runs the stages before the judge, which pay for nothing, or takes them from --run. With --detect, say how many
    queries a difference of nDCG needs.

    Examples:

        sq plan market.yaml

        sq plan market.yaml --run latest --prices prices.yaml

        sq plan --detect 0.02 --run A --run B
    """
    if config is None and detect is None:
        raise InputError("CONFIG", "is missing", "give a run configuration, or --detect DIFFERENCE")
    runs = run or []
    found: dict[str, object] = {}
    if config is not None:
        rates = Rates(call_seconds=call_seconds)
        book = read_prices(prices)
        run_config = read_run_config(config)
        markets = paying_markets(run_config)
        estimates, rates, code = _estimates(config, run_config, runs[-1] if runs else "", (first, end), book, rates)
        if code:
            return code
        dated = any(book.serves(market.judge.endpoint) for market in markets)
        found["prices"], found["rates"] = book.date if dated else "", asdict(rates)
        found["estimates"] = [asdict(one) for one in estimates]
        found["shortfalls"] = [
            said
            for market in markets
            for said in shortfalls(
                market.name, market.config.evaluate.budget, [one for one in estimates if one.market == market.name]
            )
        ]
        if not json:
            print_estimates(estimates, found["prices"], rates, found["shortfalls"])
    if detect is not None:
        needed = detection(detect, _spread(runs), correlation)
        found["detect"] = asdict(needed)
        if not json:
            print_detection(needed)
    if json:
        print(json_format.dumps(found, ensure_ascii=False, indent=1))
    return 0


def _estimates(
    path: Path, config: RunConfig, run: str, days: tuple[str, str], prices: Prices, rates: Rates
) -> tuple[list[Estimate], Rates, int]:
    fill_windows(config, given_days(*days))
    pipeline = read_pipeline()
    check_market_names(config, pipeline)
    markets = paying_markets(config)
    for market in markets:
        prices.of(market.judge.endpoint, f"market {market.name}: {market.field}.endpoint")
        # Without a key, the requests cannot be made: told before the stages run.
        market.endpoint()
    usage: Sequence[ModelUsage] = ()
    if not markets:
        return [], rates, 0
    if run:
        place = history.find(run)
        config.workspace_uri, _, run_id = place.uri.rstrip("/").rpartition("/")
        tasks = tasks_of(config, pipeline, run_id)
        usage = ArtefactReader.open(report_of(place.uri), RunReport).manifest.provenance.model_usage
    else:
        _refuse_paid(config)
        run_id = new_run_id()
        tasks = [task for task in tasks_of(config, pipeline, run_id) if task.key[1] in BEFORE]
        outcome = execute(tasks, ProcessRuntime(run_id), os.cpu_count() or 1)
        if outcome.exit_code:
            return [], rates, outcome.exit_code
        again = f"sq run {path}" + (f" --from {days[0]} --to {days[1]}" if days[0] else "")
        err.print(f"Go on from here with: {again} --run-id {run_id}", soft_wrap=True, markup=False)
    return *_price(markets, tasks, usage, run_id, prices, rates), 0


def _price(
    markets: Sequence[PaidMarket],
    tasks: Sequence[Task],
    usage: Sequence[ModelUsage],
    run_id: str,
    prices: Prices,
    rates: Rates,
) -> tuple[list[Estimate], Rates]:
    estimates: list[Estimate] = []
    shown = rates
    for market in markets:
        asked = market.asked(tasks)
        shown = market.rates(asked, usage, run_id, rates)
        estimates += market.plan(asked, prices, shown)
    return estimates, replace(shown, call_seconds=rates.call_seconds)


def _refuse_paid(config: RunConfig) -> None:
    """Raises InputError where a stage before the judge would pay."""
    for market in config.markets:
        for field, paid in (
            ("generate.translation.openai", market.generate.translation.HasField("openai")),
            ("diagnose.vocabulary", market.diagnose.HasField("vocabulary")),
        ):
            if paid:
                raise InputError(
                    f"market {market.market}: {field}",
                    "pays for calls before there is anything to judge",
                    "give an earlier run with --run, or remove it from the configuration that is planned",
                )


def _spread(runs: Sequence[str]) -> Spread:
    if len(runs) < 2:
        return Spread()
    first, second = (history.find(name).uri for name in runs[:2])
    found = [
        spread
        for name in markets_of(first)
        if name in markets_of(second)
        and (spread := spread_of(read_market(first, name), read_market(second, name), f"of {runs[0]} and {runs[1]}"))
    ]
    if not found:
        raise InputError("--run", "the two runs differ in no query that both measured", "omit --run, or give others")
    return max(found, key=lambda spread: spread.deviation**2 * spread.design)
