"""The paid model among the judges of a configuration."""

from __future__ import annotations

from sq.v1.evaluate_config_pb2 import EvaluateConfig, OpenAiJudge


def paid_judge(config: EvaluateConfig) -> tuple[str, OpenAiJudge] | None:
    """Path and settings of the judge that is paid for, alone or in a cascade; None where there is none."""
    if config.HasField("openai"):
        return "evaluate.openai", config.openai
    if config.cascade.then.HasField("openai"):
        return "evaluate.cascade.then.openai", config.cascade.then.openai
    return None
