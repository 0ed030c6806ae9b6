"""`sq audit`: what a dearer judge would say of a finished run."""

from __future__ import annotations

import json as json_format
from dataclasses import asdict
from typing import Annotated

import typer

from sq_cli import history
from sq_cli.audit.market import MarketAudit, audit_market
from sq_cli.compare.run_records import markets_of
from sq_cli.console import out
from sq_cli.rating import JUDGES, judge_fields


def audit(
    judge: Annotated[str, typer.Option(help=f"{', '.join(JUDGES)}; with settings as YAML: {{openai: {{…}}}}.")],
    run: Annotated[str, typer.Argument(metavar="RUN", help="latest, a run id, or a run's folder.")] = "latest",
    queries: Annotated[
        int, typer.Option(min=2, help="Queries to audit in each market, with all their products.")
    ] = 100,
    seed: Annotated[int, typer.Option(help="Of the draw. The same run and seed draw the same queries.")] = 0,
    json: Annotated[
        bool, typer.Option("--json", help="Print the figures as JSON, with each query and its probability.")
    ] = False,
) -> None:
    """Estimate the mean nDCG that --judge would give a run if it judged everything, from some of the queries.

    Examples:

        sq audit november --judge '{openai: {endpoint: {model: gpt-5}}}' --queries 100

        sq audit latest --judge '{people: {uri: ratings.csv}}' --json
    """
    place, fields = history.find(run), judge_fields(judge)
    audits = [audit_market(place.uri, market, fields, queries, seed) for market in markets_of(place.uri)]
    if json:
        print(json_format.dumps([asdict(one) for one in audits], ensure_ascii=False, indent=1))
        return
    for one in audits:
        _print(judge, one)


def _print(judge: str, one: MarketAudit) -> None:
    found = one.estimate
    interval = f"{found.value:.3f} [{found.low:.3f}, {found.high:.3f}]"
    out.print(
        f"{one.market}: {judge} would give a mean nDCG@{one.k} of {interval}; the run's judge gives {found.first:.3f}.",
        soft_wrap=True,
        markup=False,
    )
    out.print(
        f"Of the run's {one.queries:,} judged queries, by traffic. {found.audits:,} were audited, which tells as "
        f"much as {found.effective:,.0f} without the run's judge ({found.alone:.3f} ± {1.96 * found.alone_error:.3f}).",
        style="dim",
        soft_wrap=True,
    )
