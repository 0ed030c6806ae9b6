"""Says in one sentence why a pod failed, and whether another try may help."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from airflow.sdk.exceptions import AirflowException, AirflowFailException
from kubernetes.client import ApiException, CoreV1Event, V1Container, V1ContainerStatus, V1Pod

EXIT_BAD_INPUT = 2
EXIT_TRY_AGAIN = 75
_KILLED = {137: "SIGKILL", 143: "SIGTERM"}
_PULL = ("ErrImagePull", "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull", "ImageInspectError")
_NO_CONFIG = ("CreateContainerConfigError", "CreateContainerError")
_NO_VOLUME = ("FailedMount", "FailedAttachVolume")
_LAST_EVENTS = 5


@dataclass(frozen=True)
class Failure:
    """Why a task failed.

    Attributes:
        kind: heading of docs/runbook.md.
        retry: another try may do.
    """

    kind: str
    sentence: str
    retry: bool

    def error(self, title: str, events: Sequence[CoreV1Event] = ()) -> AirflowException:
        """The exception to raise: what happened, the pod's last events, and the page of the runbook."""
        lines = [f"{title}: {self.sentence}"]
        lines += [f"  event {event.reason}: {event.message}" for event in last(events)]
        lines.append(f"  see docs/runbook.md#{self.kind}")
        return (AirflowException if self.retry else AirflowFailException)("\n".join(lines))


GONE = Failure("pod-gone", "its pod is gone: it was deleted, or its node was lost, before it ended.", retry=True)


def last(events: Sequence[CoreV1Event]) -> list[CoreV1Event]:
    """The most recent events, the newest last."""
    return sorted(events, key=lambda event: str(event.last_timestamp or event.event_time or ""))[-_LAST_EVENTS:]


def explain(pod: V1Pod | None, events: Sequence[CoreV1Event], container: str) -> Failure:
    """Why a pod did not end well.

    Args:
        pod: as the API server has it now; None where it is gone.
        container: name of the stage's own container.
    """
    if pod is None:
        return GONE
    status = _status(pod, container)
    return (
        _pod_failed(pod)
        or _disrupted(pod, status)
        or _ended(status, _container(pod, container))
        or _no_start(pod)
        or _no_node(pod)
        or _no_volume(events)
        or _at_work(status)
        or Failure(
            "pod-start-up-timeout",
            f"its pod {pod.metadata.name} did not start in time (phase {pod.status.phase}).",
            retry=True,
        )
    )


def explain_refusal(error: ApiException) -> Failure:
    """Why the API server refused a request about the pod."""
    message = _api_message(error)
    if error.status == 403 and "exceeded quota" in message:
        return Failure("quota", f"the namespace's quota has no room for its pod: {message}", retry=True)
    if error.status == 403 and "violates PodSecurity" in message:
        return Failure("pod-security", f"the namespace's Pod Security standard refuses its pod: {message}", retry=False)
    if error.status == 403 and "usage per" in message:
        return Failure("quota", f"its pod asks for more than the namespace allows one: {message}", retry=False)
    if error.status in (401, 403):
        return Failure("forbidden", f"Airflow may not do this in the cluster: {message}", retry=False)
    if error.status == 404:
        return Failure("pod-gone", f"its pod, or what it names, is gone: {message}", retry=True)
    if error.status is not None and 400 <= error.status < 500 and error.status != 429:
        return Failure("pod-refused", f"the cluster refuses its pod: {message}", retry=False)
    return unreachable(message)


def unreachable(why: object) -> Failure:
    """The API server was not there, or could not answer."""
    return Failure("cluster-unreachable", f"the cluster did not answer: {why}", retry=True)


def _pod_failed(pod: V1Pod) -> Failure | None:
    reason, message = pod.status.reason or "", (pod.status.message or "").strip()
    if reason == "Evicted":
        return Failure("evicted", f"its pod was evicted: {message}", retry=True)
    if reason == "DeadlineExceeded":
        seconds = pod.spec.active_deadline_seconds
        return Failure("timeout", f"it ran longer than its limit of {seconds} s and was stopped.", retry=True)
    if reason in (
        "NodeLost",
        "Shutdown",
        "Terminated",
        "NodeShutdown",
        "Preempting",
        "UnexpectedAdmissionError",
    ):
        return Failure("pod-gone", f"its node gave it up ({reason}): {message}", retry=True)
    return None


def _disrupted(pod: V1Pod, status: V1ContainerStatus | None) -> Failure | None:
    """Somebody took the pod's place or its node away, and the stage had not ended well before."""
    if status and status.state and status.state.terminated and status.state.terminated.exit_code == 0:
        return None
    for condition in pod.status.conditions or []:
        if condition.type == "DisruptionTarget" and condition.status == "True":
            message = (condition.message or "").strip()
            return Failure("evicted", f"its pod was evicted ({condition.reason}): {message}", retry=True)
    return None


def _ended(status: V1ContainerStatus | None, container: V1Container | None) -> Failure | None:
    ended = status.state.terminated if status and status.state else None
    if ended is None:
        return None
    said = _last_words(ended.message)
    if ended.reason == "OOMKilled":
        limit = ((container and container.resources and container.resources.limits) or {}).get("memory", "none set")
        return Failure("oomkilled", f"it was killed for want of memory (OOMKilled, limit {limit}).", retry=False)
    if ended.reason in ("ContainerCannotRun", "StartError"):
        return Failure("cannot-start", f"its container cannot start: {said}", retry=False)
    if ended.exit_code == EXIT_BAD_INPUT:
        return Failure("bad-input", f"bad input or configuration (exit 2): {said}", retry=False)
    if ended.exit_code == EXIT_TRY_AGAIN:
        return Failure("try-again", f"it asks to be tried again (exit 75): {said}", retry=True)
    if ended.exit_code in _KILLED:
        return Failure("killed", f"it was killed from outside ({_KILLED[ended.exit_code]}).", retry=True)
    if ended.exit_code == 0:
        return Failure("no-handoff", "it ended well, but its handoff could not be read.", retry=True)
    return Failure("bug", f"a bug in the stage (exit {ended.exit_code}): {said}", retry=False)


def _no_start(pod: V1Pod) -> Failure | None:
    for status in [*(pod.status.init_container_statuses or []), *(pod.status.container_statuses or [])]:
        waiting = status.state.waiting if status.state else None
        if waiting is None:
            continue
        message = (waiting.message or "").strip()
        if waiting.reason in _PULL:
            return Failure(
                "image-pull",
                f"image {status.image} cannot be pulled ({waiting.reason}): {message}",
                retry=True,
            )
        if waiting.reason in _NO_CONFIG:
            return Failure(
                "missing-configuration",
                f"its container cannot be made ({waiting.reason}): {message}",
                retry=False,
            )
    return None


def _no_node(pod: V1Pod) -> Failure | None:
    for condition in pod.status.conditions or []:
        if condition.type == "PodScheduled" and condition.status == "False":
            message = (condition.message or "").strip()
            if "persistentvolumeclaim" in message:
                return Failure("missing-volume", f"its volume is missing: {message}", retry=False)
            return Failure("unschedulable", f"no node of the cluster takes its pod: {message}", retry=True)
    return None


def _at_work(status: V1ContainerStatus | None) -> Failure | None:
    if status and status.state and status.state.running:
        return Failure("timeout", "it ran longer than its task may.", retry=True)
    return None


def _no_volume(events: Sequence[CoreV1Event]) -> Failure | None:
    for event in reversed(last(events)):
        if event.reason in _NO_VOLUME:
            return Failure("missing-volume", f"a volume cannot be mounted: {event.message}", retry=False)
    return None


def _status(pod: V1Pod, container: str) -> V1ContainerStatus | None:
    return next((status for status in pod.status.container_statuses or [] if status.name == container), None)


def _container(pod: V1Pod, container: str) -> V1Container | None:
    return next((item for item in pod.spec.containers if item.name == container), None)


def _last_words(message: str | None) -> str:
    """What the stage said last: the message of its last error, or else its last line."""
    lines = [line for line in (message or "").splitlines() if line.strip()]
    for line in reversed(lines):
        try:
            event = json.loads(line)
        except ValueError:
            continue
        if isinstance(event, dict) and event.get("level") == "error":
            return str(event.get("message", ""))
    return lines[-1] if lines else "it said nothing"


def _api_message(error: ApiException) -> str:
    try:
        return json.loads(error.body)["message"]
    except (TypeError, ValueError, KeyError):
        return f"{error.status} {error.reason}"
