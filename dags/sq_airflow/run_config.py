"""Reads the run's configuration and lays a run's own parameters over it."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

AS_CONFIGURED = "as configured"
BASELINE = "baseline"
_JUDGES = ("baseline", "openai", "people")


@dataclass(frozen=True)
class Market:
    """One market's part of the configuration.

    Attributes:
        config: protojson of sq.v1.MarketConfig, by the proto's own field names.
    """

    name: str
    shards: int
    config: Mapping[str, Any]


@dataclass(frozen=True)
class RunConfig:
    """sq.v1.RunConfig, rendered by //deploy:run_config: defaults merged, places absolute.

    Attributes:
        workspace: folder or prefix under which every run writes.
    """

    name: str
    workspace: str
    markets: tuple[Market, ...]
    config: Mapping[str, Any]


@dataclass(frozen=True)
class Overrides:
    """What a run asks for instead of the configuration; None leaves it as it is."""

    segments: int | None = None
    top_k: int | None = None
    judge: str = AS_CONFIGURED
    max_usd: float | None = None
    max_calls: int | None = None

    @classmethod
    def of(cls, params: Mapping[str, Any]) -> Overrides:
        return cls(**{name: params[name] for name in cls.__dataclass_fields__ if params.get(name) is not None})


def read_run_config(path: Path) -> RunConfig:
    """The configuration in a rendered run.json. Raises ValueError with the file and what is missing."""
    fields = json.loads(path.read_text(encoding="utf-8"))
    try:
        markets = tuple(
            Market(market["market"], max(market.get("shards", 0), 1), market) for market in fields["markets"]
        )
        return RunConfig(fields["name"], fields["workspace_uri"], markets, fields)
    except KeyError as error:
        raise ValueError(f"{path}: {error} is missing; render it with //deploy:run_config") from error


def overridden(field: str, config: Mapping[str, Any], overrides: Overrides, judges: Mapping[str, dict]) -> dict:
    """A stage's configuration with a run's own parameters in it.

    Args:
        field: of MarketConfig or RunConfig, such as "generate".
        config: that field's value.
        judges: judges a run may choose by name, each the fields of EvaluateConfig that make it.
    """
    changed = copy.deepcopy(dict(config))
    if field == "generate" and overrides.segments is not None:
        changed["segments"] = overrides.segments
    if field == "retrieve" and overrides.top_k is not None:
        changed["top_k"] = overrides.top_k
    if field == "evaluate":
        _judge(changed, overrides, judges)
    return changed


def _judge(config: dict, overrides: Overrides, judges: Mapping[str, dict]) -> None:
    if overrides.judge != AS_CONFIGURED:
        for rival in _JUDGES:
            config.pop(rival, None)
        config.update(copy.deepcopy(judges[overrides.judge] if overrides.judge != BASELINE else {"baseline": {}}))
    budget = config.get("budget", {})
    if overrides.max_usd is not None:
        budget["max_usd"] = overrides.max_usd
    if overrides.max_calls is not None:
        budget["max_calls"] = str(overrides.max_calls)
    if budget:
        config["budget"] = budget
