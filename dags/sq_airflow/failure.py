"""Why a task failed: one sentence for a person, and whether a retry may help."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from airflow.sdk.exceptions import AirflowException, AirflowFailException
from kubernetes.client import CoreV1Event

_LAST_EVENTS = 5


@dataclass(frozen=True)
class Failure:
    """Why a task failed.

    Attributes:
        kind: heading of docs/runbook.md.
        retry: whether Airflow retries the task.
    """

    kind: str
    sentence: str
    retry: bool

    def error(self, title: str, events: Sequence[CoreV1Event] = ()) -> AirflowException:
        """The exception to raise: the sentence, the pod's last events, and the heading of the runbook."""
        lines = [f"{title}: {self.sentence}"]
        lines += [f"  event {event.reason}: {event.message}" for event in last(events)]
        lines.append(f"  see docs/runbook.md#{self.kind}")
        return (AirflowException if self.retry else AirflowFailException)("\n".join(lines))


def last(events: Sequence[CoreV1Event]) -> list[CoreV1Event]:
    """The most recent events, the newest last."""
    return sorted(events, key=lambda event: str(event.last_timestamp or event.event_time or ""))[-_LAST_EVENTS:]
