"""Runs a stage as a local process."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from sq.v1.handoff_pb2 import Handoff
from sq_cli.children import Children, Ending
from sq_cli.plan import Task
from sq_cli.programs import find_program
from sq_cli.stage_flags import stage_flags


class ProcessRuntime:
    """Starts programs of this machine. stop() ends what is running, cleanly."""

    def __init__(self, run_id: str) -> None:
        self._run_id = run_id
        self._children = Children()

    def run(
        self,
        task: Task,
        handoffs: Sequence[tuple[str, Handoff]],
        attempt: int,
        on_event: Callable[[dict], None],
    ) -> Ending:
        """Runs one task to its end.

        Args:
            handoffs: input name and what its source returned.
            on_event: is given every log event of the stage.
        """
        with tempfile.TemporaryDirectory(prefix="sq-") as folder:
            handoff_file = Path(folder) / "handoff.json"
            environment = os.environ | {"SQ_HANDOFF": str(handoff_file), "SQ_TRY": str(attempt)}
            command = [*find_program(task.contract.entrypoint[0]), *stage_flags(self._run_id, task, handoffs)]
            return self._children.run(task, command, environment, handoff_file, on_event)

    def stop(self) -> None:
        """Asks every running stage to stop; what they did so far is kept."""
        self._children.stop()
