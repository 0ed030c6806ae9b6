"""The configuration with its defaults filled in."""

from __future__ import annotations

from dataclasses import dataclass, fields

from sq.v1.report_config_pb2 import ReportConfig
from sq_effects import EffectSettings


@dataclass(frozen=True)
class Settings:
    """ReportConfig as it is applied; see there."""

    k: int = 10
    relevant_grade: int = 3
    minimum_sample: int = 5
    confidence_level: float = 0.95
    resamples: int = 1000
    false_discovery_rate: float = 0.05
    seed: int = 0
    examples: int = 5
    minimum_judged: float = 0.5

    @classmethod
    def of(cls, config: ReportConfig) -> Settings:
        """Of the fields that are settings of a figure."""
        known = {field.name for field in fields(cls)}
        return cls(**{field.name: value for field, value in config.ListFields() if value and field.name in known})

    @property
    def effects(self) -> EffectSettings:
        """The same for the tests of probes."""
        return EffectSettings(
            false_discovery_rate=self.false_discovery_rate, confidence_level=self.confidence_level, seed=self.seed
        )
