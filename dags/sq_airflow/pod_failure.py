"""Explains why a pod failed."""

from __future__ import annotations

from collections.abc import Sequence

from kubernetes.client import CoreV1Event, V1Container, V1ContainerStatus, V1Pod

from sq_airflow.failure import Failure, last
from sq_airflow.log_line import last_error

EXIT_BAD_INPUT = 2
EXIT_STOP_HERE = 3
EXIT_TRY_AGAIN = 75
# The kind of a result that is none of a failure: what follows is not to run.
STOPPED = "stopped-here"
_KILLED = {137: "SIGKILL", 143: "SIGTERM"}
_PULL = ("ErrImagePull", "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull", "ImageInspectError")
_NO_CONFIG = ("CreateContainerConfigError", "CreateContainerError")
_NO_VOLUME = ("FailedMount", "FailedAttachVolume")


GONE = Failure("pod-gone", "The pod is gone: somebody deleted it, or its node was lost, before it ended.", retry=True)


def explain(pod: V1Pod | None, events: Sequence[CoreV1Event], container: str) -> Failure:
    """Why a pod did not succeed.

    Args:
        pod: as the API server returns it now; None if it is gone.
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
            f"The pod {pod.metadata.name} did not start in time (phase {pod.status.phase}).",
            retry=True,
        )
    )


def _pod_failed(pod: V1Pod) -> Failure | None:
    reason, message = pod.status.reason or "", (pod.status.message or "").strip()
    if reason == "Evicted":
        return Failure("evicted", f"The pod was evicted: {message}", retry=True)
    if reason == "DeadlineExceeded":
        seconds = pod.spec.active_deadline_seconds
        return Failure("timeout", f"The stage exceeded its time limit of {seconds} s and was stopped.", retry=True)
    if reason in (
        "NodeLost",
        "Shutdown",
        "Terminated",
        "NodeShutdown",
        "Preempting",
        "UnexpectedAdmissionError",
    ):
        return Failure("pod-gone", f"The node ended the pod ({reason}): {message}", retry=True)
    return None


def _disrupted(pod: V1Pod, status: V1ContainerStatus | None) -> Failure | None:
    """The pod was evicted before its stage succeeded."""
    if status and status.state and status.state.terminated and status.state.terminated.exit_code == 0:
        return None
    for condition in pod.status.conditions or []:
        if condition.type == "DisruptionTarget" and condition.status == "True":
            message = (condition.message or "").strip()
            return Failure("evicted", f"The pod was evicted ({condition.reason}): {message}", retry=True)
    return None


def _ended(status: V1ContainerStatus | None, container: V1Container | None) -> Failure | None:
    ended = status.state.terminated if status and status.state else None
    if ended is None:
        return None
    message = last_error(ended.message or "")
    if ended.reason == "OOMKilled":
        limit = ((container and container.resources and container.resources.limits) or {}).get("memory", "none set")
        return Failure("oomkilled", f"The container exceeded its memory limit (OOMKilled, limit {limit}).", retry=False)
    if ended.reason in ("ContainerCannotRun", "StartError"):
        return Failure("cannot-start", f"The container cannot start: {message}", retry=False)
    if ended.exit_code == EXIT_BAD_INPUT:
        return Failure("bad-input", f"Bad input or configuration (exit code 2): {message}", retry=False)
    if ended.exit_code == EXIT_STOP_HERE:
        return Failure(STOPPED, message, retry=False)
    if ended.exit_code == EXIT_TRY_AGAIN:
        return Failure("try-again", f"The stage asks for a retry (exit code 75): {message}", retry=True)
    if ended.exit_code in _KILLED:
        return Failure("killed", f"A signal from outside ended the stage ({_KILLED[ended.exit_code]}).", retry=True)
    if ended.exit_code == 0:
        return Failure("no-handoff", "The stage succeeded, but its handoff could not be read.", retry=True)
    return Failure("bug", f"The stage crashed (exit code {ended.exit_code}): {message}", retry=False)


def _no_start(pod: V1Pod) -> Failure | None:
    for status in [*(pod.status.init_container_statuses or []), *(pod.status.container_statuses or [])]:
        waiting = status.state.waiting if status.state else None
        if waiting is None:
            continue
        message = (waiting.message or "").strip()
        if waiting.reason in _PULL:
            return Failure(
                "image-pull",
                f"The image {status.image} cannot be pulled ({waiting.reason}): {message}",
                retry=True,
            )
        if waiting.reason in _NO_CONFIG:
            return Failure(
                "missing-configuration",
                f"The container cannot be created ({waiting.reason}): {message}",
                retry=False,
            )
    return None


def _no_node(pod: V1Pod) -> Failure | None:
    for condition in pod.status.conditions or []:
        if condition.type == "PodScheduled" and condition.status == "False":
            message = (condition.message or "").strip()
            if "persistentvolumeclaim" in message:
                return Failure("missing-volume", f"A volume is missing: {message}", retry=False)
            return Failure("unschedulable", f"No node can run the pod: {message}", retry=True)
    return None


def _at_work(status: V1ContainerStatus | None) -> Failure | None:
    if status and status.state and status.state.running:
        return Failure("timeout", "The stage exceeded its time limit.", retry=True)
    return None


def _no_volume(events: Sequence[CoreV1Event]) -> Failure | None:
    for event in reversed(last(events)):
        if event.reason in _NO_VOLUME:
            return Failure("missing-volume", f"A volume cannot be mounted: {event.message}", retry=False)
    return None


def _status(pod: V1Pod, container: str) -> V1ContainerStatus | None:
    return next((status for status in pod.status.container_statuses or [] if status.name == container), None)


def _container(pod: V1Pod, container: str) -> V1Container | None:
    return next((item for item in pod.spec.containers if item.name == container), None)
