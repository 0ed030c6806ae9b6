"""What all runtimes share: one child process for each execution of a stage."""

from __future__ import annotations

import abc
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sq.v1.handoff_pb2 import Handoff
from sq_cli.children import Children
from sq_cli.ending import Ending
from sq_cli.plan import Task
from sq_cli.stage_flags import stage_flags


@dataclass(frozen=True)
class Launch:
    """A command that runs one stage.

    Attributes:
        handoff_file: where the stage writes its handoff.
    """

    command: Sequence[str]
    environment: Mapping[str, str]
    handoff_file: Path


class StageRuntime(abc.ABC):
    """Runs stages as child processes. stop() ends them cleanly."""

    def __init__(self, run_id: str, *, own_groups: bool = False) -> None:
        """Starts nothing yet.

        Args:
            own_groups: see Children.
        """
        self._run_id = run_id
        self._children = Children(own_groups=own_groups)

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
            on_event: called with every log event of the stage.
        """
        with tempfile.TemporaryDirectory(prefix="sq-") as name:
            launch = self._launch(task, stage_flags(self._run_id, task, handoffs), attempt, Path(name))
            return self._children.run(task, launch.command, launch.environment, launch.handoff_file, on_event)

    def stop(self) -> None:
        """Asks every running stage to stop. Finished work is kept."""
        self._children.stop()

    @abc.abstractmethod
    def _launch(self, task: Task, flags: Sequence[str], attempt: int, folder: Path) -> Launch:
        """The command for one attempt.

        Args:
            flags: of the stage's command line.
            folder: private folder of this attempt; removed after it.
        """
