"""Runs a stage as a pod: KubernetesPodOperator that checks what the stage promised."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from functools import cached_property
from typing import Any

from airflow.providers.cncf.kubernetes.operators.pod import KubernetesPodOperator
from airflow.providers.cncf.kubernetes.utils.pod_manager import (
    EMPTY_XCOM_RESULT,
    OnFinishAction,
    PodManager,
)
from airflow.sdk.exceptions import AirflowException, AirflowSkipException, AirflowTaskTimeout
from kubernetes.client import ApiException, CoreV1Event, CoreV1EventList, V1EnvVar, V1Pod

from sq_airflow.api_failure import explained
from sq_airflow.failure import Failure, in_order
from sq_airflow.images import Image
from sq_airflow.pinned import pinned_stage
from sq_airflow.pod_factory import operator_arguments, resources, sidecar
from sq_airflow.pod_failure import STOPPED, explain
from sq_airflow.pod_settings import PodSettings
from sq_airflow.stage_run import NotHandedOver, StageRun
from sq_airflow.stage_task import StageTask

_SIDECAR = "airflow-xcom-sidecar"
# The task's supervisor was killed: its sockets to this process are closed.
_SUPERVISOR_GONE = (BrokenPipeError, ConnectionResetError, EOFError)


class _PodManager(PodManager):
    """Creates pods without logging those that the cluster rejects, and gives events in the order of time."""

    def run_pod_async(self, pod: V1Pod, **kwargs: Any) -> V1Pod:
        body = self._client.api_client.sanitize_for_serialization(pod)
        return self._client.create_namespaced_pod(body=body, namespace=pod.metadata.namespace, **kwargs)

    def read_pod_events(self, pod: V1Pod, **kwargs: Any) -> CoreV1EventList:
        found = super().read_pod_events(pod, **kwargs)
        found.items = in_order(found.items)
        return found


class StageOperator(KubernetesPodOperator):
    """One stage as one pod.

    The task succeeds only if the stage handed over its artefact and the artefact's manifest has that digest. A killed
    pod, a deleted pod and an empty handoff all fail (apache/airflow #73006, #71202, #73117). A failure is one sentence
    with the pod's last events; the pod itself is never logged.

    Args:
        stage: the stage and its inputs.
        image: image of the stage.
        sidecar_image: image that keeps the handoff until Airflow has read it.
        pods: how pods fit into the cluster.
        storage_conn_id: Airflow's connection to the storage of artefacts.
        shard: "I/N"; empty for an unsharded stage.
        pinned: the run has pins, which replace stage, images and pods when the task starts.
        gpus_param: parameter of the run with the number of graphics cards for this pod; none if empty.
    """

    def __init__(
        self,
        *,
        stage: StageTask,
        image: Image,
        sidecar_image: Image,
        pods: PodSettings,
        storage_conn_id: str,
        shard: str = "",
        pinned: bool = False,
        gpus_param: str = "",
        **kwargs: Any,
    ) -> None:
        super().__init__(**operator_arguments(stage.contract, image, stage.market, pods) | kwargs)
        self.stage = stage
        self.sidecar_image = sidecar_image
        self.pods = pods
        self.storage_conn_id = storage_conn_id
        self.shard = shard
        self.pinned = pinned
        self.gpus_param = gpus_param
        self._try: StageRun | None = None
        self._accepted: dict | None = None

    def execute(self, context: Any) -> dict:
        """Starts the pod and, unless deferred, waits for its end. Returns the handoff."""
        self._take_pins(context)
        self._take_gpus(context)
        self._try = run = self._run(context)
        self.arguments = run.arguments()
        self.env_vars = [*self.env_vars, *(V1EnvVar(name, value) for name, value in run.environment.items())]
        self.labels = self.labels | ({"sq/shard": self.shard.replace("/", "-of-")} if self.shard else {})
        self.annotations = self.annotations | {"sq/run": run.run_id, "sq/output": run.output}
        with explained(self._title):
            result = super().execute(context)
        # If the pod ends before it is deferred, the provider drops the handoff that extract_xcom accepted.
        return self._accepted or run.accept(result)

    def trigger_reentry(self, context: Any, event: dict[str, Any]) -> dict:
        """Continues after the deferred pod has ended. Returns the handoff."""
        self._take_pins(context)
        self._try = self._run(context)
        with explained(self._title):
            result = super().trigger_reentry(context, event)
        self._accepted = self._accepted or self._try.accept(result)
        return self._accepted

    @cached_property
    def pod_manager(self) -> PodManager:
        return _PodManager(kube_client=self.client, callbacks=self.callbacks)

    def build_pod_request_obj(self, context: Any = None, *, dry_run: bool = False) -> V1Pod:
        """The pod with the sidecar of this project."""
        pod = super().build_pod_request_obj(context, dry_run=dry_run)
        for container in pod.spec.containers:
            if container.name == _SIDECAR:
                sidecar(container, self.sidecar_image, self.pods)
        return pod

    def extract_xcom(self, pod: V1Pod, *, ignore_kill_failure: bool = True) -> dict:
        """The stage's handoff, once its artefact is published. A handoff that is too long is not parsed.

        Raises:
            NotHandedOver: before the provider takes the pod for a success and removes it.
        """
        try:
            text = self.pod_manager.extract_xcom(pod, ignore_kill_failure=ignore_kill_failure)
        except json.JSONDecodeError as error:
            text = error.doc
        self._accepted = self._try.accept(None if text.rstrip() == EMPTY_XCOM_RESULT else text)
        return self._accepted

    def cleanup(self, pod: V1Pod, remote_pod: V1Pod, xcom_result: Any = None, context: Any = None) -> None:
        """Removes the pod of a success. Explains a failure in one sentence."""
        under_way = sys.exc_info()[1]
        if self._killed:
            stopped = Failure("killed", "The task was stopped in Airflow, and its pod was removed.", retry=True)
            raise stopped.error(self._title)
        if remote_pod is None:
            return  # no pod was created: the error under way says why
        if isinstance(under_way, _SUPERVISOR_GONE):
            return  # the next attempt finds the pod
        refused = under_way.failure if isinstance(under_way, NotHandedOver) else None
        if refused and self.on_finish_action == OnFinishAction.DELETE_SUCCEEDED_POD:
            self.on_finish_action = OnFinishAction.KEEP_POD  # a success only to Kubernetes
        seen, events = self._look(pod)
        try:
            super().cleanup(pod, remote_pod, xcom_result, context)
        except AirflowException:
            failure = self._failure(explain(seen, events, self.base_container_name), refused, under_way)
            self._remove_unfinished(seen)
            if failure.kind == STOPPED:
                self._stop_here(pod, failure.sentence, context)
            raise failure.error(self._title, events) from None
        if refused:
            raise refused.error(self._title, events) from None

    def _failure(self, found: Failure, refused: Failure | None, under_way: BaseException | None) -> Failure:
        """What the pod's state explains, unless this process knows better."""
        if isinstance(under_way, AirflowTaskTimeout):
            sentence = f"The stage exceeded its time limit of {self.execution_timeout}."
            return Failure("timeout", sentence, retry=True)
        if found.kind != "no-handoff":
            return found
        return refused or Failure(found.kind, f"{found.sentence} {_reason(under_way)}".rstrip(), found.retry)

    def _stop_here(self, pod: V1Pod, reason: str, context: Any) -> None:
        """Skips what follows, for a reason that is a result. The pod is removed as that of a success."""
        if self.on_finish_action != OnFinishAction.KEEP_POD:
            self.pod_manager.delete_pod(pod)
        context["ti"].xcom_push(key=STOPPED, value=reason)
        raise AirflowSkipException(f"{self._title}: {reason}") from None

    def _push_xcom_with_fan_out(self, ti: Any, value: Any) -> None:
        """A task that failed has no handoff, whatever its pod wrote."""

    def _take_pins(self, context: Any) -> None:
        """Replaces stage, images and the pod's arguments by those that the run was started with."""
        if not self.pinned:
            return
        files, self.stage = pinned_stage(context, self.stage, self.shard, self.storage_conn_id)
        pods = files.pods(self.stage.contract)
        arguments = operator_arguments(self.stage.contract, pods["image"], self.stage.market, pods["pods"])
        # A second operator, because the provider's constructor changes what it is given.
        made = KubernetesPodOperator(task_id=self.task_id, **arguments)
        for name in arguments:
            setattr(self, name, getattr(made, name))
        self.sidecar_image, self.pods = pods["sidecar_image"], pods["pods"]

    def _take_gpus(self, context: Any) -> None:
        """Gives the pod as many graphics cards as the run asks for."""
        count = context["params"].get(self.gpus_param) if self.gpus_param else None
        if count:
            cards = {**self.pods.extended_resources, self.pods.gpu_resource: str(count)}
            self.pods = self.pods.with_changes(PodSettings(extended_resources=cards))
            self.container_resources = resources(self.stage.contract.resources, self.pods)

    def _run(self, context: Any) -> StageRun:
        return StageRun.of(context, self.stage, self.shard, self.storage_conn_id)

    def _look(self, pod: V1Pod) -> tuple[V1Pod | None, Sequence[CoreV1Event]]:
        """The pod as it is now, None if it is gone, and its events."""
        try:
            events = self.pod_manager.read_pod_events(pod).items
            return self.client.read_namespaced_pod(pod.metadata.name, pod.metadata.namespace), events
        except ApiException as error:
            if error.status != 404:
                raise
            return None, events

    def _remove_unfinished(self, pod: V1Pod | None) -> None:
        """Removes a pod that has not ended: it would write beside the next attempt's pod."""
        if (
            pod is not None
            and pod.status.phase in ("Pending", "Running")
            and not _base_ended(pod, self.base_container_name)
        ):
            self.log.info("Removing pod %s, which has not ended", pod.metadata.name)
            self.pod_manager.delete_pod(pod)

    @property
    def _title(self) -> str:
        return self.stage.title(self.shard)


def _reason(error: BaseException | None) -> str:
    """The type of an error and the first line of its message."""
    return f"{type(error).__name__}: {str(error).partition(chr(10))[0]}" if error else ""


def _base_ended(pod: V1Pod, container: str) -> bool:
    statuses = pod.status.container_statuses or []
    return any(status.name == container and status.state and status.state.terminated for status in statuses)
