"""Checks the wiring of the pipeline against the contracts of its stages, and renders it as pipeline.json."""

from sq_pipeline.check import WiringError, check
from sq_pipeline.render import render

__all__ = ["WiringError", "check", "render"]
