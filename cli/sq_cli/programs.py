"""Finds the files that ship with `sq`: the stages' programs and pipeline.json."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from google.protobuf import json_format

from sq.v1.pipeline_pb2 import RenderedPipeline
from sq_stagekit.errors import InputError

_REPOSITORY = "sq"


def project_roots() -> Iterator[Path]:
    """Folders that may have files of the project: this package's source tree or runfiles, and RUNFILES_DIR."""
    here = Path(__file__).absolute()
    yield here.parents[2]
    runfiles = os.environ.get("RUNFILES_DIR")
    if runfiles:
        yield Path(runfiles) / _REPOSITORY


def read_pipeline() -> RenderedPipeline:
    """The rendered wiring. Raises InputError if there is none."""
    given = os.environ.get("SQ_PIPELINE")
    places = [Path(given)] if given else [root / "pipeline/pipeline.json" for root in project_roots()]
    for path in places:
        if path.is_file():
            return json_format.Parse(path.read_text(encoding="utf-8"), RenderedPipeline())
    missing = ", ".join(str(path) for path in places)
    raise InputError("SQ_PIPELINE", f"no such file: {missing}", "build //pipeline and set SQ_PIPELINE to its file")


def find_program(name: str) -> list[str]:
    """The command that starts a stage's program, such as sq-generate.

    Looks in the folder SQ_PROGRAMS, in the files that ship with sq, then on PATH.

    Raises:
        InputError: there is no such program.
    """
    folder = os.environ.get("SQ_PROGRAMS")
    candidates = [Path(folder) / name] if folder else []
    for root in project_roots():
        candidates += sorted((root / "stages").glob(f"*/{name}"))
    for path in candidates:
        if path.is_file() and os.access(path, os.X_OK):
            return [str(path)]
    on_path = shutil.which(name)
    if on_path:
        return [on_path]
    raise InputError("SQ_PROGRAMS", f"{name} was not found", "set SQ_PROGRAMS to the folder of the stages' programs")
