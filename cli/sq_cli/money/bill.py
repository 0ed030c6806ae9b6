"""The bill of a run, beside what it was expected to be."""

from __future__ import annotations

from collections.abc import Sequence
from math import fsum

from sq.v1.manifest_pb2 import ModelUsage
from sq.v1.run_config_pb2 import RunConfig
from sq_cli.console import out
from sq_cli.money.estimate import Estimate, Rates, estimates
from sq_cli.money.market_plan import paying_markets
from sq_cli.money.prices import PLAIN, Prices, read_prices
from sq_cli.plan import Task
from sq_cli.runner import Outcome
from sq_cli.tables import print_cost
from sq_handoff import ArtefactError
from sq_handoff.location import absolute
from sq_stagekit.errors import InputError


def print_bill(config: RunConfig, tasks: Sequence[Task], usage: Sequence[ModelUsage]) -> None:
    """Prints what paid models used, and beside it the estimate of `sq plan` for the judge's part.

    A market is left out whose model has no price, or of which an artefact is missing.
    """
    print_cost(usage)
    if line := beside_the_bill(config, tasks, usage, read_prices()):
        out.print(line, style="dim", highlight=False, soft_wrap=True)


def unreported(outcome: Outcome, tasks: Sequence[Task], reported: Sequence[ModelUsage]) -> list[dict]:
    """What paid calls used for stages that are in no report: they failed, or what follows them did.

    Args:
        reported: what the report of the run counts.
    """
    known = {absolute(item.uri) for item in reported}
    return [
        outcome.usage[task.key] for task in tasks if task.key in outcome.usage and absolute(task.output) not in known
    ]


def beside_the_bill(config: RunConfig, tasks: Sequence[Task], usage: Sequence[ModelUsage], prices: Prices) -> str:
    """A sentence on estimate and bill; empty where nothing was paid for judgments, or nothing can be estimated."""
    expected: list[Estimate] = []
    paid: list[ModelUsage] = []
    for market in paying_markets(config):
        used = market.used(usage)
        if not any(item.calls for item in used):
            continue
        try:
            by_mode = prices.of(market.judge.endpoint, market.field)
            requests = market.requests(market.asked(tasks))
        except (InputError, ArtefactError):
            continue
        mode = market.mode if market.mode in by_mode else PLAIN
        expected += estimates(market.name, "", {mode: by_mode[mode]}, requests, Rates(), 1, mode)
        paid += used
    if not expected:
        return ""
    tokens = sum(one.input_tokens + one.output_tokens for one in expected)
    spent = sum(item.input_tokens + item.output_tokens for item in paid)
    share = f", {spent / tokens:.0%} of it" if tokens else ""
    return (
        f"Judging was estimated at ${fsum(one.usd for one in expected):.2f}, {sum(one.calls for one in expected):,} "
        f"calls, {tokens:,} tokens with no answer stored before; it used {spent:,} tokens{share}."
    )
