"""The progress of a run: a bar for each running stage on a terminal, plain lines otherwise."""

from __future__ import annotations

import threading
from types import TracebackType

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from sq_cli.console import err
from sq_cli.kept_warnings import KeptWarnings
from sq_cli.plan import Task, TaskKey

_COLOURS = {"warning": "yellow", "error": "red"}


class Display:
    """Shows the events of all stages. Safe to call from any thread."""

    def __init__(self) -> None:
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[unit]}"),
            TimeElapsedColumn(),
            console=err,
            transient=True,
            disable=not err.is_terminal,
        )
        self._bars: dict[TaskKey, TaskID] = {}
        self._warnings: dict[TaskKey, tuple[Task, KeptWarnings]] = {}
        self._errors: dict[TaskKey, str] = {}
        self._lock = threading.Lock()

    def __enter__(self) -> Display:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._lock:
            for task, _ in list(self._warnings.values()):
                self._print_warnings(task)
        self._progress.stop()

    def event(self, task: Task, event: dict) -> None:
        """Shows starts, progress, warnings, errors and ends. Other events appear only in the stage's log.

        Warnings of a stage appear when it ends, equal ones as one line. That it is tried again appears at once.
        """
        message, level = event["message"], event.get("level", "info")
        with self._lock:
            if message == "progress":
                self._progress.update(
                    self._bar(task), completed=event["done"], total=event["total"], unit=event["unit"]
                )
                return
            if message == "started":
                self._bar(task)
                return
            if level == "warning" and "retry" not in event:
                self._warnings.setdefault(task.key, (task, KeptWarnings()))[1].add(event)
                return
            ended = "exit" in event or message == "done"
            if ended and task.key in self._bars:
                self._progress.remove_task(self._bars.pop(task.key))
            if level == "error" and task.key in self._warnings:
                self._warnings[task.key][1].forget(message)
            if ended or level in _COLOURS:
                self._print_warnings(task)
            if level in _COLOURS:
                self._print_error(task, level, message)
            elif message == "done":
                err.print(f"[green]done[/] {task.name}: {event['records']} records")

    def _print_warnings(self, task: Task) -> None:
        _, kept = self._warnings.pop(task.key, (task, KeptWarnings()))
        for line in kept.lines():
            self._print(task, "warning", line)

    def _print_error(self, task: Task, level: str, message: str) -> None:
        """Prints an error once: a stage says why it ends, and its end says so again."""
        if level != "error" or self._errors.get(task.key) != message:
            self._print(task, level, message)
        self._errors[task.key] = message

    def _print(self, task: Task, level: str, message: str) -> None:
        err.print(f"[{_COLOURS[level]}]{task.name}[/]: ", end="")
        err.print(message, markup=False, soft_wrap=True)

    def _bar(self, task: Task) -> TaskID:
        if task.key not in self._bars:
            self._bars[task.key] = self._progress.add_task(task.name, total=None, unit="")
        return self._bars[task.key]
