"""Runs a stage as a local process."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from sq_cli.plan import Task
from sq_cli.programs import find_program
from sq_cli.stage_runtime import Launch, StageRuntime


class ProcessRuntime(StageRuntime):
    """Runs the stages' programs on this machine."""

    def _launch(self, task: Task, flags: Sequence[str], attempt: int, folder: Path) -> Launch:
        handoff_file = folder / "handoff.json"
        environment = os.environ | {"SQ_HANDOFF": str(handoff_file), "SQ_TRY": str(attempt)}
        return Launch([*find_program(task.contract.entrypoint[0]), *flags], environment, handoff_file)
