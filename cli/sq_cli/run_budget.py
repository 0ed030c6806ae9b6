"""One budget for a whole run: divided over its markets and their models before anything is spent."""

from __future__ import annotations

from sq.v1.run_config_pb2 import RunConfig
from sq_cli.paid_models import JUDGE, paid_models
from sq_llm import Limits
from sq_stagekit.errors import InputError

_FIELD = "max_usd"
# A judge rates every result, translation and names see each query once.
_JUDGE_WEIGHT, _WEIGHT = 8, 1
_DIGITS = 6


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
        weights = [_JUDGE_WEIGHT if model.name == JUDGE else _WEIGHT for model in unlimited]
        for model, weight in zip(unlimited, weights, strict=True):
            model.budget.max_usd = round(left * weight / sum(weights), _DIGITS)
    for name, model in models:
        Limits.of(model.budget, model.endpoint.price, field=f"market {name}: {model.budget_field}")
