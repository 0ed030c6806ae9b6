"""Runs a stage as a process on Airflow's machine: the same command line, handoff and exit codes as in a pod."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from collections import deque
from pathlib import Path
from typing import Any

from airflow.sdk import BaseOperator
from airflow.sdk.exceptions import AirflowSkipException

from sq_airflow.failure import Failure
from sq_airflow.log_line import last_error
from sq_airflow.pinned import pinned_stage
from sq_airflow.pod_failure import EXIT_BAD_INPUT, EXIT_STOP_HERE, EXIT_TRY_AGAIN, STOPPED
from sq_airflow.stage_run import StageRun
from sq_airflow.stage_task import StageTask

_KEPT_LINES = 100


class StageProcessOperator(BaseOperator):
    """One stage as one process. Its program is in the folder SQ_PROGRAMS or on PATH.

    Args:
        stage: the stage and its inputs.
        storage_conn_id: Airflow's connection to the storage of artefacts.
        shard: "I/N"; empty for an unsharded stage.
        pinned: the run has pins, which replace `stage` when the task starts.
    """

    def __init__(
        self, *, stage: StageTask, storage_conn_id: str, shard: str = "", pinned: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.stage = stage
        self.storage_conn_id = storage_conn_id
        self.shard = shard
        self.pinned = pinned

    def execute(self, context: Any) -> dict:
        """Runs the stage to its end. Returns the handoff."""
        if self.pinned:
            _, self.stage = pinned_stage(context, self.stage, self.shard, self.storage_conn_id)
        run = StageRun.of(context, self.stage, self.shard, self.storage_conn_id)
        with tempfile.TemporaryDirectory(prefix="sq-") as folder:
            handoff = Path(folder) / "handoff.json"
            command = [_program(self.stage.contract.program), *run.arguments()]
            code, message = self._follow(command, _environment() | run.environment | {"SQ_HANDOFF": str(handoff)})
            if code == EXIT_STOP_HERE:
                context["ti"].xcom_push(key=STOPPED, value=message)
                raise AirflowSkipException(f"{self.stage.title(self.shard)}: {message}")
            if code:
                raise _failure(code, message).error(self.stage.title(self.shard))
            return run.accept(handoff.read_text(encoding="utf-8") if handoff.exists() else None)

    def on_kill(self) -> None:
        """Asks the stage to stop. Finished work is kept."""
        process = getattr(self, "_process", None)
        if process:
            process.terminate()

    def _follow(self, command: list[str], environment: dict[str, str]) -> tuple[int, str]:
        """Runs the command and logs its output. Returns the exit code and the last error."""
        lines: deque[str] = deque(maxlen=_KEPT_LINES)
        with subprocess.Popen(
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
        ) as self._process:
            for line in self._process.stderr:
                self.log.info(line.rstrip("\n"))
                lines.append(line)
        return self._process.returncode, last_error("".join(lines))


def _failure(code: int, message: str) -> Failure:
    if code == EXIT_BAD_INPUT:
        return Failure("bad-input", f"Bad input or configuration (exit code 2): {message}", retry=False)
    if code == EXIT_TRY_AGAIN:
        return Failure("try-again", f"The stage asks for a retry (exit code 75): {message}", retry=True)
    if code < 0:
        return Failure("killed", f"A signal from outside ended the stage ({signal.Signals(-code).name}).", retry=True)
    return Failure("bug", f"The stage crashed (exit code {code}): {message}", retry=False)


def _program(name: str) -> str:
    found = shutil.which(name, path=os.environ.get("SQ_PROGRAMS")) or shutil.which(name)
    if not found:
        sentence = f"The program cannot start: {name} is neither in the folder SQ_PROGRAMS nor on PATH."
        raise Failure("cannot-start", sentence, retry=False).error(name)
    return found


def _environment() -> dict[str, str]:
    """Airflow's environment without its import path: a stage has its own packages."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
