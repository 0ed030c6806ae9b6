"""Runs the tasks of a plan: each as soon as its inputs are available, with the retries of its contract."""

from __future__ import annotations

import concurrent.futures
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from sq.v1.handoff_pb2 import Handoff
from sq_cli.ending import Ending
from sq_cli.plan import Task, TaskKey
from sq_stagekit.errors import EXIT_BAD_INPUT, EXIT_BUG, EXIT_DONE, EXIT_TRY_AGAIN

EventSink = Callable[[Task, dict], None]


class Runtime(Protocol):
    """Starts stages, as local processes or containers."""

    def run(
        self,
        task: Task,
        handoffs: Sequence[tuple[str, Handoff]],
        attempt: int,
        on_event: Callable[[dict], None],
    ) -> Ending: ...

    def stop(self) -> None: ...


@dataclass
class Outcome:
    """How the tasks of a run ended.

    Attributes:
        skipped: tasks that did not start because others failed.
        usage: what the paid calls of tasks used, as their logs say it: of the last attempt, which counts the kept
            answers of those before.
    """

    handoffs: dict[TaskKey, Handoff] = field(default_factory=dict)
    failed: dict[TaskKey, Ending] = field(default_factory=dict)
    skipped: list[TaskKey] = field(default_factory=list)
    usage: dict[TaskKey, dict] = field(default_factory=dict)

    @property
    def exit_code(self) -> int:
        """0 if all tasks succeeded; else 2 for bad input, 75 if a retry may succeed, 1 for a bug, in this order."""
        codes = {ending.code for ending in self.failed.values()}
        for code in (EXIT_BAD_INPUT, EXIT_TRY_AGAIN):
            if code in codes:
                return code
        return EXIT_BUG if codes else EXIT_DONE

    def ended(self, key: TaskKey) -> bool:
        return key in self.handoffs or key in self.failed or key in self.skipped


class Runner:
    """Runs up to `jobs` tasks at once, each with at most `tries` attempts, and no more than its contract allows."""

    def __init__(self, runtime: Runtime, jobs: int, on_event: EventSink, tries: int | None = None) -> None:
        self._runtime = runtime
        self._jobs = jobs
        self._on_event = on_event
        self._tries = tries
        self._stop = threading.Event()

    def stop(self) -> None:
        """Starts nothing more, and asks running tasks to stop."""
        self._stop.set()
        self._runtime.stop()

    def run(self, tasks: Sequence[Task]) -> Outcome:
        """Runs all tasks to their end. A market that fails does not stop the others."""
        outcome = Outcome()
        waiting = list(tasks)
        running: dict[concurrent.futures.Future[Ending], Task] = {}
        with concurrent.futures.ThreadPoolExecutor(self._jobs) as pool:
            while waiting or running:
                self._start(waiting, running, outcome, pool)
                if not running:
                    continue
                done, _ = concurrent.futures.wait(running, return_when=concurrent.futures.FIRST_COMPLETED)
                for future in done:
                    self._settle(running.pop(future), future.result(), outcome)
        return outcome

    def _start(
        self,
        waiting: list[Task],
        running: dict[concurrent.futures.Future[Ending], Task],
        outcome: Outcome,
        pool: concurrent.futures.ThreadPoolExecutor,
    ) -> None:
        for task in list(waiting):
            if not all(outcome.ended(key) for _, key in task.inputs):
                continue
            waiting.remove(task)
            available = [(name, outcome.handoffs[key]) for name, key in task.inputs if key in outcome.handoffs]
            enough = len(available) == len(task.inputs) if task.needs_all else bool(available)
            if not enough or self._stop.is_set():
                outcome.skipped.append(task.key)
                continue
            missing = [key[0] for _, key in task.inputs if key not in outcome.handoffs]
            running[pool.submit(self._attempts, task.without(missing), available)] = task

    def _attempts(self, task: Task, handoffs: Sequence[tuple[str, Handoff]]) -> Ending:
        policy = task.contract.retry
        most = min(policy.max_attempts, self._tries or policy.max_attempts)
        wait = float(policy.initial_backoff_seconds)
        attempt = 1
        while True:
            self._on_event(task, {"level": "info", "message": "started", "try": attempt})
            ending = self._runtime.run(task, handoffs, attempt, lambda event: self._on_event(task, event))
            last = attempt >= most or ending.code != EXIT_TRY_AGAIN
            if last or self._stop.is_set():
                return ending
            said = f"{ending.message}; retry in {wait:g} s"
            self._on_event(task, {"level": "warning", "message": said, "retry": wait})
            self._stop.wait(wait)
            wait = min(wait * 2, float(policy.max_backoff_seconds) or wait * 2)
            attempt += 1

    def _settle(self, task: Task, ending: Ending, outcome: Outcome) -> None:
        if ending.usage:
            outcome.usage[task.key] = ending.usage
        if ending.handoff is not None:
            outcome.handoffs[task.key] = ending.handoff
            self._on_event(task, {"level": "info", "message": "done", "records": ending.handoff.records})
            return
        outcome.failed[task.key] = ending
        self._on_event(task, ending.event())
