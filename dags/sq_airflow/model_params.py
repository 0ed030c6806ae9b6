"""Parameters of the DAGs of models."""

from __future__ import annotations

from airflow.sdk import Param

_URI = r"^(file|s3|gs)://\S+$"
_MODEL = r"^\S+/[a-z0-9][a-z0-9._-]{0,99}@[a-z0-9][a-z0-9._-]{0,99}$"
_MOST_GPUS = 16


def training_params() -> dict[str, Param]:
    """The parameters of judge_training."""
    return {
        "labels": Param(
            None,
            type=["null", "string"],
            title="Labels",
            description="URI of a table of labels for this run. Empty: as configured.",
            pattern=_URI,
        ),
        "seed": Param(
            None,
            type=["null", "integer"],
            title="Seed",
            description="Seed of the training. Empty: as configured.",
            minimum=0,
            maximum=2**31 - 1,
        ),
        "gpus": Param(
            0,
            type="integer",
            title="Graphics cards",
            description="Number of graphics cards for the task train.",
            minimum=0,
            maximum=_MOST_GPUS,
        ),
        "log_level": _log_level(),
    }


def inference_params() -> dict[str, Param]:
    """The parameters of judge_inference."""
    return {
        "model": Param(
            None,
            type=["null", "string"],
            title="Model",
            description="BUCKET/NAME@VERSION or BUCKET/NAME@production. Empty: as configured.",
            pattern=_MODEL,
        ),
        "source": Param(
            None,
            type=["null", "string"],
            title="Source",
            description="URI of a market's folder in a finished run. Empty: as configured.",
            pattern=_URI,
        ),
        "log_level": _log_level(),
    }


def _log_level() -> Param:
    return Param(
        "INFO",
        type="string",
        title="Log level",
        description="Log level of the stages.",
        enum=["DEBUG", "INFO", "WARNING"],
    )
