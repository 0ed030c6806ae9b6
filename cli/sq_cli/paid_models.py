"""The models that a market pays for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sq.v1.evaluate_config_pb2 import EvaluateConfig, OpenAiJudge
from sq.v1.run_config_pb2 import MarketConfig
from sq.v1.source_pb2 import Budget, OpenAiEndpoint

JUDGE = "judge"


@dataclass(frozen=True)
class PaidModel:
    """A model that a market pays for.

    Attributes:
        name: what it is for: judge, translation or vocabulary.
        field: path in the market's configuration of what holds its endpoint.
        budget_field: path of its budget.
    """

    name: str
    field: str
    endpoint: OpenAiEndpoint
    budget_field: str
    budget: Budget


def paid_judge(config: EvaluateConfig) -> tuple[str, OpenAiJudge] | None:
    """Path and settings of the judge that is paid for, alone or in a cascade; None where there is none."""
    if config.HasField("openai"):
        return "evaluate.openai", config.openai
    if config.cascade.then.HasField("openai"):
        return "evaluate.cascade.then.openai", config.cascade.then.openai
    return None


def paid_models(market: MarketConfig) -> Iterator[PaidModel]:
    """The models of a market. Reading them creates no field."""
    if judge := paid_judge(market.evaluate):
        field, config = judge
        yield PaidModel(JUDGE, field, config.endpoint, "evaluate.budget", market.evaluate.budget)
    others = {"translation": ("generate.translation.openai", market.generate.translation, "openai")}
    others["vocabulary"] = "diagnose.vocabulary", market.diagnose, "vocabulary"
    for name, (field, holder, member) in others.items():
        if holder.HasField(member):
            config = getattr(holder, member)
            yield PaidModel(name, field, config.endpoint, f"{field}.budget", config.budget)
