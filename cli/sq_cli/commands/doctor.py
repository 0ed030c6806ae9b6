"""`sq doctor` checks whether this machine and a configuration are ready, and says what is missing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated

import typer

from sq.v1.run_config_pb2 import MarketConfig, RunConfig
from sq.v1.source_pb2 import MarketWords
from sq_cli.console import out
from sq_cli.log_windows import fill_windows, given_days
from sq_cli.market_names import check_market_names
from sq_cli.programs import read_pipeline
from sq_cli.readiness import inputs
from sq_cli.readiness.cache import caches
from sq_cli.readiness.finding import Finding, check, exit_code, heard
from sq_cli.readiness.machine import machine
from sq_cli.readiness.model import models
from sq_cli.readiness.search import search
from sq_cli.run_config import BadPlaces, read_run_config
from sq_cli.writable import try_to_write
from sq_mechanisms import chosen
from sq_source import read_catalogue
from sq_stagekit.errors import InputError


def doctor(
    config: Annotated[Path | None, typer.Argument(help="Run configuration (YAML) to check as well.")] = None,
    first: Annotated[
        str, typer.Option("--from", metavar="DAY", help="First day of the logs to check, as of `sq run`.")
    ] = "",
    end: Annotated[str, typer.Option("--to", metavar="DAY", help="Day after the last one.")] = "",
) -> int:
    """Check that this machine has what a run needs.

    With CONFIG, read the first records of its files, send a search, and call its models once. Exits with 2 if something
    must be changed, and with 75 if it may pass.
    """
    findings = []
    for finding in _findings(config, first, end):
        findings.append(finding)
        out.print(_mark(finding), end="")
        detail = " ".join(finding.detail.split())
        out.print(f"{finding.name}: {detail}", markup=False, highlight=False, soft_wrap=True)
    return exit_code(findings)


def _mark(finding: Finding) -> str:
    if finding.ok:
        return "[yellow]look[/] " if finding.doubtful else "[green]ok  [/] "
    return "[yellow]away[/] " if finding.away else "[red]FAIL[/] "


def _findings(path: Path | None, first: str, end: str) -> Iterator[Finding]:
    yield from machine()
    if path is None:
        return
    try:
        config, bad = _read(path)
        check_market_names(config, read_pipeline())
        fill_windows(config, given_days(first, end))
    except InputError as error:
        yield Finding(str(path), False, str(error))
        return
    yield Finding(str(path), not bad, f"{len(config.markets)} markets" + (f" can be checked; {bad}" if bad else ""))
    yield check("workspace_uri", lambda: _writable(config.workspace_uri))
    if config.consolidate.history_uri:
        yield check("consolidate.history_uri", lambda: _writable(config.consolidate.history_uri))
    for market in config.markets:
        yield from _market(market)


def _read(path: Path) -> tuple[RunConfig, str]:
    """The configuration, and what is wrong with the markets that it is without. Raises InputError."""
    try:
        return read_run_config(path), ""
    except BadPlaces as error:
        if error.usable is None:
            raise
        return error.usable, f"{error.problem}; {error.fix}"


def _market(market: MarketConfig) -> Iterator[Finding]:
    generate, name = market.generate, market.market
    texts: list[str] = []

    def queries() -> str:
        texts.extend(
            inputs.first_queries(generate.log) if generate.HasField("log") else inputs.fixed_queries(generate.fixed)
        )
        return f"{len(texts)} distinct queries in the first rows, such as {texts[0]!r}"

    def files() -> Iterator[Finding]:
        yield check(f"{name} queries", queries)
        yield from inputs.catalogue(f"{name} catalogue", generate.catalogue, "generate.catalogue")
        if generate.HasField("source_catalogue"):
            yield from inputs.catalogue(
                f"{name} source catalogue", generate.source_catalogue, "generate.source_catalogue"
            )
        if market.evaluate.HasField("catalogue"):
            yield from inputs.catalogue(f"{name} judged catalogue", market.evaluate.catalogue, "evaluate.catalogue")

    yield from heard(f"{name} files", files())
    if generate.words != MarketWords():
        yield check(f"{name} words", lambda: inputs.words(generate.words, generate.target_language))
    yield check(f"{name} mechanisms", lambda: _mechanisms(market.diagnose.mechanisms))
    # Queries in another language find nothing before they are translated.
    if generate.source_language != generate.target_language or not texts:
        texts = _titles(market)
    if texts:
        yield search(f"{name} search", market, texts)
    else:
        yield Finding(f"{name} search", False, "there is nothing to search for: neither queries nor products")
    yield from caches(market)
    yield from models(market)


def _mechanisms(names: Sequence[str]) -> str:
    return ", ".join(mechanism.name for mechanism in chosen(names, "diagnose.mechanisms"))


def _titles(market: MarketConfig) -> list[str]:
    """The title of a product, to search for; none if the catalogue cannot be read."""
    try:
        return [next(read_catalogue(market.generate.catalogue, "generate.catalogue")).title]
    except InputError:
        return []


def _writable(uri: str) -> str:
    try_to_write(uri)
    return f"{uri} is writable"
