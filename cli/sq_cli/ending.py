"""How one execution of a stage ended."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

from sq.v1.handoff_pb2 import Handoff
from sq_stagekit.errors import EXIT_BAD_INPUT, EXIT_TRY_AGAIN

# The flag that a stage names if its output holds other work.
OUTPUT_FLAG = "--output"


@dataclass
class Ending:
    """How one execution ended.

    Attributes:
        handoff: what the stage returned; None unless code is 0.
        message: the last error of the stage.
        log: the last lines of its log, each a JSON event.
        field: what the last error is about: a flag, a path in the configuration, a file; empty if it does not say.
        fix: what to do about it; empty if it does not say.
        usage: the event "model usage" of its log, if it paid for calls.
    """

    code: int
    handoff: Handoff | None = None
    message: str = ""
    log: list[str] = dataclasses.field(default_factory=list)
    field: str = ""
    fix: str = ""
    usage: dict = dataclasses.field(default_factory=dict)

    def event(self) -> dict:
        """The event that says how a failed execution ended."""
        return {"level": "error", "message": self.message, "exit": self.code}

    @property
    def holds_other_work(self) -> bool:
        """Whether the stage's output holds the finished result of another configuration, program or input."""
        return self.field == OUTPUT_FLAG

    @property
    def kind(self) -> str:
        """What kind of failure the exit code stands for."""
        return {EXIT_BAD_INPUT: "bad input", EXIT_TRY_AGAIN: "a failure that may pass"}.get(self.code, "a bug")
