"""The Airflow pool of a stage's tasks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sq_airflow.stage_task import StageTask

_MODEL_POOL = "llm"
_DEFAULT = "default_pool"
# Fields of a stage's configuration that name a paid model.
_MODELS = frozenset({"openai", "vocabulary"})


def pool_of(stage: StageTask) -> str:
    """The pool of the stage's contract. A task that can ask no model does not wait for those that do.

    A run may choose another judge than the market's, so the judges that it may choose count too.
    """
    pool = stage.contract.pool
    if not pool or (pool == _MODEL_POOL and not _asks(stage.config) and not _asks(_choice(stage))):
        return _DEFAULT
    return f"sq_{pool}"


def _choice(stage: StageTask) -> Mapping[str, Any]:
    return stage.judges if stage.config_field == "evaluate" else {}


def _asks(config: object) -> bool:
    """Whether a configuration names a paid model anywhere."""
    if isinstance(config, Mapping):
        return any(key in _MODELS or _asks(value) for key, value in config.items())
    return isinstance(config, list) and any(map(_asks, config))
