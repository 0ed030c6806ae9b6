"""How one execution of a stage ended."""

from __future__ import annotations

from dataclasses import dataclass, field

from sq.v1.handoff_pb2 import Handoff


@dataclass
class Ending:
    """How one execution ended.

    Attributes:
        handoff: what the stage returned; None unless code is 0.
        message: the last error of the stage.
        log: the last lines of its log, each a JSON event.
    """

    code: int
    handoff: Handoff | None = None
    message: str = ""
    log: list[str] = field(default_factory=list)
