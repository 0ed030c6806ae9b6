"""Applies a run's own parameters to the configuration of a stage."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from sq_airflow.json_model import JsonModel

AS_CONFIGURED = "as configured"
BASELINE = "baseline"
# The fields of sq.v1.EvaluateConfig outside the oneof `judge`. A run with another judge keeps them.
BESIDE_JUDGE = frozenset(
    [
        "alarm",
        "budget",
        "cache",
        "cache_uri",
        "catalogue",
        "concurrency",
        "depth",
        "max_failure_share",
        "pool_depth",
        "probe_depth",
    ]
)


class Overrides(JsonModel):
    """What a run changes; None leaves the configuration as it is."""

    query_budget: int | None = None
    top_k: int | None = None
    judge: str = AS_CONFIGURED
    max_usd: float | None = None
    max_calls: int | None = None
    labels: str | None = None
    seed: int | None = None
    model: str | None = None
    source: str | None = None

    @classmethod
    def of(cls, params: Mapping[str, Any]) -> Overrides:
        return cls.model_validate({name: value for name, value in params.items() if value is not None})

    def applied_to(self, field: str, config: Mapping[str, Any], judges: Mapping[str, Mapping[str, Any]]) -> dict:
        """A stage's configuration with the run's own parameters.

        Args:
            field: of MarketConfig or RunConfig, such as "generate".
            config: value of that field.
            judges: judges a run may choose, by name; each has the fields of EvaluateConfig that define it.
        """
        changed = copy.deepcopy(dict(config))
        if field == "generate" and self.query_budget is not None:
            changed["query_budget"] = self.query_budget
        if field == "retrieve" and self.top_k is not None:
            changed["top_k"] = self.top_k
        if field == "evaluate":
            self._choose_judge(changed, judges)
            self._limit_budget(changed)
        if field.startswith("judge_"):
            self._change_models(field, changed)
        return changed

    def _change_models(self, field: str, config: dict) -> None:
        """What a run of a DAG of models changes."""
        if field == "judge_training":
            config.pop("queries", None)  # load-data has read them
            config.update({"seed": str(self.seed)} if self.seed is not None else {})
        if field == "judge_training" and self.labels:
            config["labels"] = config["labels"] | {"uri": self.labels}
        if field == "judge_training.queries" and self.labels:
            config["fixed"] = config.get("fixed", {}) | {"uri": self.labels}
        if field == "judge_inference":
            given = {"model_uri": self.model, "source_uri": self.source}
            config.update({name: value for name, value in given.items() if value})

    def _choose_judge(self, config: dict, judges: Mapping[str, Mapping[str, Any]]) -> None:
        if self.judge == AS_CONFIGURED:
            return
        for name in config.keys() - BESIDE_JUDGE:
            del config[name]
        config.update(copy.deepcopy(dict(judges[self.judge])) if self.judge != BASELINE else {"baseline": {}})

    def _limit_budget(self, config: dict) -> None:
        limits: dict[str, Any] = {}
        if self.max_usd is not None:
            limits["max_usd"] = self.max_usd
        if self.max_calls is not None:
            limits["max_calls"] = str(self.max_calls)
        if limits:
            config["budget"] = config.get("budget", {}) | limits
