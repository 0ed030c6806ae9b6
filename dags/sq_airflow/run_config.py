"""Reads run.json: the run's configuration, market by market."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field

from sq_airflow.json_model import JsonModel, NonEmpty, read_json


class StageConfigs(JsonModel, extra="allow"):
    """A message of the run configuration; its other fields are configurations of stages."""

    def stage_config(self, field: str) -> Mapping[str, Any]:
        """A stage's configuration: JSON of its proto message, with the proto's own field names.

        Args:
            field: its name; a dot selects a field of a field.
        """
        found = self.model_extra
        for name in field.split("."):
            found = found.get(name, {})
        return found

    def has(self, field: str) -> bool:
        """Whether the configuration has a message."""
        return field in self.model_extra


class Market(StageConfigs):
    """sq.v1.MarketConfig."""

    market: Annotated[str, Field(pattern="^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$")]
    shards: Annotated[int, Field(ge=1)] = 1


class RunConfig(StageConfigs):
    """sq.v1.RunConfig as //deploy:run_config renders it: defaults merged, paths absolute.

    Attributes:
        workspace_uri: folder or prefix under which every run writes.
    """

    workspace_uri: NonEmpty
    markets: Annotated[tuple[Market, ...], Field(min_length=1)]


def read_run_config(path: Path) -> RunConfig:
    """The configuration in a rendered run.json. Raises ValueError with the file, the field and the fix."""
    return read_json(path, RunConfig, "render it again with //deploy:run_config")
