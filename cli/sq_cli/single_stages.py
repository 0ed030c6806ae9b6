"""Runs single stages of the pipeline, outside of a run."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from google.protobuf.message import Message

from sq.v1.handoff_pb2 import Handoff
from sq_cli.plan import Task
from sq_cli.process_runtime import ProcessRuntime
from sq_cli.programs import read_pipeline
from sq_cli.progress import Display
from sq_cli.tables import print_unreported


class StageFailed(Exception):
    """A stage failed, and the display has shown why.

    Attributes:
        code: exit code of the stage, which becomes that of the command.
        message: the stage's error.
    """

    def __init__(self, stage: str, code: int, message: str) -> None:
        super().__init__(f"{stage} ended with exit code {code}")
        self.code = code
        self.message = message


class SingleStages:
    """Runs single stages, whose artefacts are in one folder."""

    def __init__(self, name: str, folder: Path, display: Display) -> None:
        """Starts nothing yet.

        Args:
            name: of the run and of its only market.
        """
        self._market = name
        self._folder = folder
        self._display = display
        self._runtime = ProcessRuntime(name)
        self._contracts = {stage.contract.name: stage.contract for stage in read_pipeline().stages}

    def run(self, stage: str, config: Message, inputs: Sequence[tuple[str, Handoff]]) -> Handoff:
        """Runs one stage, each at most once. Raises StageFailed after the display has shown why it failed."""
        task = Task(
            key=(self._market, stage, 0),
            contract=self._contracts[stage],
            market=self._market,
            shard="",
            config=config,
            inputs=(),
            output=str(self._folder / stage),
            needs_all=True,
        )
        ending = self._runtime.run(task, inputs, 1, lambda event: self._display.event(task, event))
        if ending.handoff is None:
            self._display.event(task, ending.event())
            print_unreported([ending.usage] if ending.usage else [])
            raise StageFailed(stage, ending.code, ending.message)
        return ending.handoff
