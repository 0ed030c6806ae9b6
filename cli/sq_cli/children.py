"""Child processes that run stages: starts them, reads their logs, and stops them."""

from __future__ import annotations

import json
import subprocess
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from google.protobuf import json_format

from sq.v1.handoff_pb2 import Handoff
from sq_cli.ending import Ending
from sq_cli.plan import Task
from sq_stagekit.config import check_config
from sq_stagekit.errors import EXIT_BUG, EXIT_TRY_AGAIN

_KEPT_LINES = 2000
# The message with which a stage says what its paid calls used.
_USAGE = "model usage"


class Children:
    """Child processes, each running one stage. stop() asks all of them to end cleanly."""

    def __init__(self, *, own_groups: bool = False) -> None:
        """Starts nothing yet.

        Args:
            own_groups: each child is a process group of its own, so that Ctrl-C reaches it only through stop().
        """
        self._own_groups = own_groups
        self._running: set[subprocess.Popen] = set()
        self._lock = threading.Lock()
        self._stopped = False

    def run(
        self,
        task: Task,
        command: Sequence[str],
        environment: Mapping[str, str],
        handoff_file: Path,
        on_event: Callable[[dict], None],
    ) -> Ending:
        """Runs a command to its end. Calls on_event with each event of its log (stderr) at once."""
        with self._lock:
            if self._stopped:
                return Ending(EXIT_TRY_AGAIN, message="stopped before it started")
            process = subprocess.Popen(
                command,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                text=True,
                errors="replace",
                process_group=0 if self._own_groups else None,
            )
            self._running.add(process)
        try:
            lines, last, usage = _follow(process, on_event)
            code = process.wait()
        finally:
            with self._lock:
                self._running.discard(process)
        if code != 0:
            message = last["message"] or f"ended with exit code {code}"
            field, fix = str(last.get("field", "")), str(last.get("fix", ""))
            return Ending(self._exit_code(code), None, message, lines, field, fix, usage)
        handoff = json_format.Parse(handoff_file.read_text(encoding="utf-8"), Handoff())
        check_config(handoff, f"handoff of {task.name}")
        return Ending(0, handoff, "", lines, usage=usage)

    def _exit_code(self, code: int) -> int:
        if code > 0:
            return code
        # A signal ended the child before it could handle one: from stop(), or from elsewhere.
        return EXIT_TRY_AGAIN if self._stopped else EXIT_BUG

    def stop(self) -> None:
        """Starts nothing more, and asks every child to stop. Finished work is kept."""
        with self._lock:
            self._stopped = True
            for process in self._running:
                process.terminate()


def _follow(process: subprocess.Popen, on_event: Callable[[dict], None]) -> tuple[list[str], dict, dict]:
    """The log's last lines, its last error, and what it says of paid calls.

    Without an error, the last five lines are the message.
    """
    lines: deque[str] = deque(maxlen=_KEPT_LINES)
    last: dict = {"message": ""}
    usage: dict = {}
    for line in process.stderr:
        lines.append(line.rstrip("\n"))
        event = _event(line)
        on_event(event)
        if event.get("level") == "error":
            last = event
        elif event["message"] == _USAGE:
            usage = event
    if not last["message"] and process.wait() != 0:
        last = {"message": "\n".join(list(lines)[-5:])}
    return list(lines), last, usage


def _event(line: str) -> dict:
    try:
        event = json.loads(line)
    except ValueError:
        return {"level": "info", "message": line.rstrip()}
    return event if isinstance(event, dict) and "message" in event else {"level": "info", "message": line.rstrip()}
