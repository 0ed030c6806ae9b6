"""Runs a stage as a pod: KubernetesPodOperator, held to what a stage promises."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from functools import cached_property
from typing import Any

from airflow.providers.cncf.kubernetes.kubernetes_helper_functions import KubernetesApiException
from airflow.providers.cncf.kubernetes.operators.pod import KubernetesPodOperator
from airflow.providers.cncf.kubernetes.utils.pod_manager import (
    EMPTY_XCOM_RESULT,
    OnFinishAction,
    PodManager,
    PodNotFoundException,
)
from airflow.sdk.exceptions import AirflowException, AirflowTaskTimeout
from kubernetes.client import ApiException, CoreV1Event, V1EnvVar, V1Pod
from urllib3.exceptions import HTTPError

from sq_airflow.context import NotHandedOver, StageRun
from sq_airflow.handoff import MAX_BYTES
from sq_airflow.images import Image
from sq_airflow.pod_factory import operator_arguments, sidecar
from sq_airflow.pod_failure import GONE, Failure, explain, explain_refusal, unreachable
from sq_airflow.settings import PodSettings
from sq_airflow.stage_task import StageTask

_SIDECAR = "airflow-xcom-sidecar"
# Of the sockets to the supervisor of a task's process: it was killed, and this process is nobody's any more.
_ALONE = (BrokenPipeError, ConnectionResetError, EOFError)


class _PodManager(PodManager):
    """Creates pods without writing one that is refused into the log."""

    def run_pod_async(self, pod: V1Pod, **kwargs: Any) -> V1Pod:
        body = self._client.api_client.sanitize_for_serialization(pod)
        return self._client.create_namespaced_pod(body=body, namespace=pod.metadata.namespace, **kwargs)


class StageOperator(KubernetesPodOperator):
    """One stage as one pod.

    Succeeds only when the stage handed over its artefact and that artefact's manifest is there with that digest:
    a killed pod, a pod that is gone, and an empty handoff all fail (apache/airflow #73006, #71202, #73117). A failure
    is one sentence with the pod's last events, never the pod itself.

    Args:
        stage: what to do.
        image: that does it.
        sidecar_image: keeps the handoff until Airflow has read it.
        pods: how pods fit into the cluster.
        storage_conn_id: Airflow's connection to the storage of artefacts.
        shard: "I/N", empty for an unsharded stage.
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
        **kwargs: Any,
    ) -> None:
        super().__init__(**operator_arguments(stage.contract, image, stage.market, pods) | kwargs)
        self.stage = stage
        self.sidecar_image = sidecar_image
        self.pods = pods
        self.storage_conn_id = storage_conn_id
        self.shard = shard
        self._try: StageRun | None = None
        self._accepted: dict | None = None

    def execute(self, context: Any) -> dict:
        """Starts the pod and, unless deferred, waits for its end. Returns the handoff."""
        self._try = run = self._run(context)
        self.arguments = run.arguments()
        self.env_vars = [*self.env_vars, *(V1EnvVar(name, value) for name, value in run.environment.items())]
        self.labels = self.labels | ({"sq/shard": self.shard.replace("/", "-of-")} if self.shard else {})
        self.annotations = self.annotations | {"sq/run": run.run_id, "sq/output": run.output}
        try:
            result = super().execute(context)
        except PodNotFoundException:
            raise GONE.error(self._title) from None
        except (HTTPError, KubernetesApiException) as error:
            raise unreachable(error).error(self._title) from None
        except ApiException as error:
            raise explain_refusal(error).error(self._title) from None
        # Judged where it was read; the provider drops what a pod handed over that ended before it was deferred.
        return self._accepted or run.accept(result)

    def trigger_reentry(self, context: Any, event: dict[str, Any]) -> dict:
        """Goes on once the deferred pod has ended. Returns the handoff."""
        self._try = self._run(context)
        try:
            result = super().trigger_reentry(context, event)
        except PodNotFoundException:
            raise GONE.error(self._title) from None
        except (HTTPError, KubernetesApiException) as error:
            raise unreachable(error).error(self._title) from None
        except ApiException as error:
            raise explain_refusal(error).error(self._title) from None
        self._accepted = self._accepted or self._try.accept(result)
        return self._accepted

    @cached_property
    def pod_manager(self) -> PodManager:
        return _PodManager(kube_client=self.client, callbacks=self.callbacks)

    def build_pod_request_obj(self, context: Any = None, *, dry_run: bool = False) -> V1Pod:
        """The pod, with our own sidecar in it."""
        pod = super().build_pod_request_obj(context, dry_run=dry_run)
        for container in pod.spec.containers:
            if container.name == _SIDECAR:
                sidecar(container, self.sidecar_image, self.pods)
        return pod

    def extract_xcom(self, pod: V1Pod, *, ignore_kill_failure: bool = True) -> dict:
        """What the stage handed over, once its artefact is there. One that is too long is not even parsed.

        Raises:
            NotHandedOver: before the provider takes the pod for a success and removes it.
        """
        try:
            text = self.pod_manager.extract_xcom(pod, ignore_kill_failure=ignore_kill_failure)
        except json.JSONDecodeError as error:
            text = error.doc
        if len(text.encode()) > MAX_BYTES:
            raise NotHandedOver(self._title, f"its handoff has {len(text.encode())} bytes, over {MAX_BYTES}")
        self._accepted = self._try.accept(None if text.rstrip() == EMPTY_XCOM_RESULT else text)
        return self._accepted

    def cleanup(self, pod: V1Pod, remote_pod: V1Pod, xcom_result: Any = None, context: Any = None) -> None:
        """Removes the pod of a success; says in one sentence why another failed."""
        under_way = sys.exc_info()[1]
        if self._killed:
            raise AirflowException(f"{self._title}: stopped from Airflow; its pod was removed before it ended.")
        if remote_pod is None:
            return  # there never was a pod: the error under way says why
        if isinstance(under_way, _ALONE):
            return  # the next try takes up the pod
        refused = under_way.failure if isinstance(under_way, NotHandedOver) else None
        if refused and self.on_finish_action == OnFinishAction.DELETE_SUCCEEDED_POD:
            self.on_finish_action = OnFinishAction.KEEP_POD  # a success to Kubernetes alone
        seen, events = self._look(pod)
        try:
            super().cleanup(pod, remote_pod, xcom_result, context)
        except AirflowException:
            failure = explain(seen, events, self.base_container_name)
            if isinstance(under_way, AirflowTaskTimeout):
                failure = Failure("timeout", f"it ran longer than its limit of {self.execution_timeout}.", retry=True)
            elif failure.kind == "no-handoff":
                failure = refused or Failure(
                    failure.kind, f"{failure.sentence} {_reason(under_way)}".rstrip(), failure.retry
                )
            self._remove_unfinished(seen)
            raise failure.error(self._title, events) from None
        if refused:
            raise refused.error(self._title, events) from None

    def _push_xcom_with_fan_out(self, ti: Any, value: Any) -> None:
        """A task that failed hands over nothing, whatever its pod wrote."""

    def _run(self, context: Any) -> StageRun:
        return StageRun.of(context, self.stage, self.shard, self.storage_conn_id)

    def _look(self, pod: V1Pod) -> tuple[V1Pod | None, Sequence[CoreV1Event]]:
        """The pod as it is now, None where it is gone, and its events."""
        try:
            events = self.pod_manager.read_pod_events(pod).items
            return self.client.read_namespaced_pod(pod.metadata.name, pod.metadata.namespace), events
        except ApiException as error:
            if error.status != 404:
                raise
            return None, events

    def _remove_unfinished(self, pod: V1Pod | None) -> None:
        """A pod that is still to start, or still at work, would write beside the next try's."""
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
    """The first line of what went wrong."""
    return f"{type(error).__name__}: {str(error).partition(chr(10))[0]}" if error else ""


def _base_ended(pod: V1Pod, container: str) -> bool:
    statuses = pod.status.container_statuses or []
    return any(status.name == container and status.state and status.state.terminated for status in statuses)
