"""One budget for a whole run: divided over its markets and their models before anything is spent."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sq.v1.run_config_pb2 import MarketConfig, RunConfig
from sq.v1.source_pb2 import Budget, OpenAiEndpoint
from sq_cli.paid_judge import paid_judge
from sq_llm import Limits
from sq_stagekit.errors import InputError

_FIELD = "max_usd"
# A judge rates every result, translation and names see each query once.
_JUDGE, _OTHER = 8, 1
_DIGITS = 6


@dataclass(frozen=True)
class PaidModel:
    """A model that a market pays for.

    Attributes:
        field: path of its budget in the market's configuration.
        weight: its part of what a market may spend, against its other models.
    """

    field: str
    endpoint: OpenAiEndpoint
    budget: Budget
    weight: int


def paid_models(market: MarketConfig) -> Iterator[PaidModel]:
    """The models of a market. Reading them creates no field."""
    if judge := paid_judge(market.evaluate):
        yield PaidModel("evaluate.budget", judge[1].endpoint, market.evaluate.budget, _JUDGE)
    translation = market.generate.translation
    if translation.HasField("openai"):
        field = "generate.translation.openai.budget"
        yield PaidModel(field, translation.openai.endpoint, translation.openai.budget, _OTHER)
    if market.diagnose.HasField("vocabulary"):
        names = market.diagnose.vocabulary
        yield PaidModel("diagnose.vocabulary.budget", names.endpoint, names.budget, _OTHER)


def divide_budget(config: RunConfig) -> None:
    """Gives each model without a limit in dollars its part of the run's, by weight. Limits of their own stay.

    The parts are fixed, so markets do not wait for each other. What a market leaves, no other market gets.

    Raises:
        InputError: the limits of the markets alone exceed that of the run, or a limit in dollars has no price.
    """
    models = [(market.market, model) for market in config.markets for model in paid_models(market)]
    if config.max_usd:
        own = sum(model.budget.max_usd for _, model in models)
        unlimited = [model for _, model in models if not model.budget.max_usd]
        left = config.max_usd - own
        if left < 0 or (unlimited and left <= 0):
            problem = f"is {config.max_usd:g}, and the budgets of the markets alone add up to {own:g}"
            raise InputError(_FIELD, problem, "raise it, or lower the max_usd of the markets")
        weights = sum(model.weight for model in unlimited)
        for model in unlimited:
            model.budget.max_usd = round(left * model.weight / weights, _DIGITS)
    for name, model in models:
        Limits.of(model.budget, model.endpoint.price, field=f"market {name}: {model.field}")
