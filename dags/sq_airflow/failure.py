"""Why a task failed: one sentence for a person, and whether a retry may help."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from airflow.sdk.exceptions import AirflowException, AirflowFailException
from kubernetes.client import CoreV1Event

from sq_airflow.runbook import heading

_LAST_EVENTS = 5
_NEVER = datetime.min.replace(tzinfo=UTC)


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
        lines.append(f"  see {heading(self.kind)}")
        return (AirflowException if self.retry else AirflowFailException)("\n".join(lines))


def last(events: Sequence[CoreV1Event]) -> list[CoreV1Event]:
    """The most recent events, the newest last."""
    return in_order(events)[-_LAST_EVENTS:]


def in_order(events: Sequence[CoreV1Event]) -> list[CoreV1Event]:
    """The events by the time at which each was seen last. The API server lists them by name."""
    return sorted(events, key=_seen)


def _seen(event: CoreV1Event) -> datetime:
    """Which fields are set depends on the program that sent the event."""
    series = event.series.last_observed_time if event.series else None
    created = event.metadata.creation_timestamp if event.metadata else None
    times = [series, event.last_timestamp, event.event_time, event.first_timestamp]
    known = [time for time in times if time] or ([created] if created else [])
    return max(known, default=_NEVER)
