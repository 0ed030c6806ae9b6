"""The wiring of the pipeline: checked against the contracts of its stages, rendered as pipeline.json."""

from sq_pipeline.check import WiringError, check
from sq_pipeline.render import render

__all__ = ["WiringError", "check", "render"]
