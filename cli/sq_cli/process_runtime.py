"""Runs a stage as a local process and reads its events."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from google.protobuf import json_format

from sq.v1.handoff_pb2 import Handoff
from sq_cli.plan import Task
from sq_cli.programs import find_program
from sq_stagekit.config import check_config
from sq_stagekit.errors import EXIT_BUG

_KEPT_LINES = 2000


@dataclass
class Ending:
    """How one execution ended.

    Attributes:
        handoff: what the stage returned; absent unless code is 0.
        message: the last error the stage gave.
        log: the last lines of its log, JSON each.
    """

    code: int
    handoff: Handoff | None = None
    message: str = ""
    log: list[str] = field(default_factory=list)


class ProcessRuntime:
    """Starts programs of this machine. stop() ends what is running, cleanly."""

    def __init__(self, run_id: str) -> None:
        self._run_id = run_id
        self._running: set[subprocess.Popen] = set()
        self._lock = threading.Lock()
        self._stopped = False

    def run(
        self, task: Task, handoffs: Sequence[tuple[str, Handoff]], attempt: int, on_event: Callable[[dict], None]
    ) -> Ending:
        """Runs one task to its end.

        Args:
            handoffs: input name and what its source returned.
            on_event: is given every log event of the stage.
        """
        with tempfile.TemporaryDirectory(prefix="sq-") as folder:
            handoff_path = Path(folder) / "handoff.json"
            environment = os.environ | {"SQ_HANDOFF": str(handoff_path), "SQ_TRY": str(attempt)}
            command = [*find_program(task.contract.entrypoint[0]), *self._flags(task, handoffs)]
            with self._lock:
                if self._stopped:
                    return Ending(75, message="stopped before it began")
                process = subprocess.Popen(
                    command,
                    env=environment,
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.PIPE,
                    text=True,
                    errors="replace",
                )
                self._running.add(process)
            try:
                lines, message = _follow(process, on_event)
                code = process.wait()
            finally:
                with self._lock:
                    self._running.discard(process)
            if code != 0:
                return Ending(code if code > 0 else EXIT_BUG, None, message or f"ended with {code}", lines)
            handoff = json_format.Parse(handoff_path.read_text(encoding="utf-8"), Handoff())
            check_config(handoff, f"handoff of {task.name}")
            return Ending(0, handoff, "", lines)

    def _flags(self, task: Task, handoffs: Sequence[tuple[str, Handoff]]) -> list[str]:
        config = json_format.MessageToJson(task.config, preserving_proto_field_name=True, indent=None)
        flags = ["--run-id", self._run_id, "--config", config, "--output", task.output]
        flags += ["--market", task.market] if task.market else []
        flags += ["--shard", task.shard] if task.shard else []
        for name, handoff in handoffs:
            flags += ["--input", f"{name}={handoff.uri}"]
        return flags

    def stop(self) -> None:
        """Asks every running stage to stop; what they did so far is kept."""
        with self._lock:
            self._stopped = True
            for process in self._running:
                process.terminate()


def _follow(process: subprocess.Popen, on_event: Callable[[dict], None]) -> tuple[list[str], str]:
    lines: deque[str] = deque(maxlen=_KEPT_LINES)
    message = ""
    for line in process.stderr:
        lines.append(line.rstrip("\n"))
        event = _event(line)
        on_event(event)
        if event.get("level") == "error":
            message = event["message"]
    if not message and process.wait() != 0:
        message = "\n".join(list(lines)[-5:])
    return list(lines), message


def _event(line: str) -> dict:
    try:
        event = json.loads(line)
    except ValueError:
        return {"level": "info", "message": line.rstrip()}
    return event if isinstance(event, dict) and "message" in event else {"level": "info", "message": line.rstrip()}
