"""What each market of a run will ask its model, and what that costs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sq.v1.manifest_pb2 import ModelUsage
from sq.v1.run_config_pb2 import MarketConfig, RunConfig
from sq_cli.money.estimate import Estimate, Rates, estimates, measured
from sq_cli.money.pairs import Asked, Found, pairs_to_judge
from sq_cli.money.prices import Prices
from sq_cli.money.requests import Requests, kept_in, nothing_kept, requests_for
from sq_cli.plan import Task
from sq_evaluate.judges.openai_judge import BATCH_SIZE, CONCURRENCY
from sq_handoff import Store
from sq_llm import Endpoint, PaidAnswers

FIELD = "evaluate.openai.endpoint"
# Stages that make what evaluate judges. None of them needs judgments.
BEFORE = ("generate", "diagnose", "retrieve", "probe-retrieve")
_JUDGING = {"evaluate", "probe-evaluate"}


def paying_markets(config: RunConfig) -> list[MarketConfig]:
    """Markets whose judge is a paid model."""
    return [market for market in config.markets if market.evaluate.HasField("openai")]


def asked_of(market: MarketConfig, tasks: Sequence[Task]) -> list[Asked]:
    """What the market's judge is asked, from the artefacts of its tasks. Raises ArtefactError if one is missing."""
    outputs = {
        node: [task.output for task in tasks if (task.market, task.key[1]) == (market.market, node)] for node in BEFORE
    }
    return list(pairs_to_judge(market.evaluate, Found(*(outputs[node] for node in BEFORE))))


def packing_of(market: MarketConfig) -> int:
    return market.evaluate.openai.batch_size or BATCH_SIZE


def without_answers(market: MarketConfig, asked: Sequence[Asked]) -> Requests:
    """The market's requests as if no answer were stored."""
    return requests_for(asked, Endpoint(market.evaluate.openai.endpoint, FIELD), packing_of(market), nothing_kept)


def plan_market(market: MarketConfig, asked: Sequence[Asked], prices: Prices, rates: Rates) -> Iterator[Estimate]:
    """Estimates by packing and mode: as configured first, then one product a request.

    Raises:
        InputError: the model has no price, or there is no API key.
    """
    config = market.evaluate
    endpoint = Endpoint(config.openai.endpoint, FIELD)
    by_mode = prices.of(config.openai.endpoint, f"market {market.market}: {FIELD}")
    kept = (
        kept_in(PaidAnswers(Store.at(config.cache_uri), buyer="plan"), endpoint) if config.cache_uri else nothing_kept
    )
    for packing in dict.fromkeys((packing_of(market), 1)):
        requests = requests_for(asked, endpoint, packing, kept)
        yield from estimates(market.market, endpoint.model, by_mode, requests, rates, config.concurrency or CONCURRENCY)


def rates_of_bill(
    market: MarketConfig, asked: Sequence[Asked], usage: Sequence[ModelUsage], run_id: str, rates: Rates
) -> Rates:
    """The rates that a run's bill shows for a market."""
    return measured(without_answers(market, asked), judging_usage(market, usage), run_id, rates)


def judging_usage(market: MarketConfig, usage: Sequence[ModelUsage]) -> list[ModelUsage]:
    """What a market's judge used, without translation and other paid work."""
    return [item for item in usage if item.market == market.market and _JUDGING & set(item.uri.split("/"))]
