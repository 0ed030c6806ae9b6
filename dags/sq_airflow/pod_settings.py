"""How pods fit into a cluster."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field

from sq_airflow.json_model import JsonModel

ResourceName = Literal["cpu_request", "cpu_limit", "memory_request", "memory_limit", "ephemeral_storage"]


class Volume(JsonModel, extra="forbid"):
    """A volume of every pod: a claim, a config map or a secret, by name; an emptyDir if none is named."""

    name: str
    mount_path: str
    claim: str = ""
    config_map: str = ""
    secret: str = ""
    read_only: bool = True


class PodSettings(JsonModel, extra="forbid"):
    """How pods fit into a cluster. Names refer to objects of deploy/manifests; no value is secret.

    Attributes:
        kubernetes_conn_id: Airflow's connection to the cluster.
        cluster_context: a context of that connection's kubeconfig; the current one if empty.
        in_cluster: use the pod's own service account instead.
        config_maps: their entries become environment variables.
        config_secrets: secrets whose entries become environment variables, such as storage credentials.
        secrets: a contract's secret to "name/key" of the secret in the cluster.
        moving_tag: starts REPOSITORY:TAG, pulled for each pod, in place of the locked digest; no tag if empty.
        gpu_resource: what the cluster calls a graphics card, where a run asks for some.
        extended_resources: such as {"nvidia.com/gpu": "1"}.
        get_logs: copy the stage's log into the task's.
        log_events_on_failure: log all events of a failed pod; the error has the last ones in any case.
        failed_pod_hours: how long failed pods are kept.
    """

    kubernetes_conn_id: str = "sq_kubernetes"
    cluster_context: str = ""
    in_cluster: bool | None = None
    namespace: str = "sq"
    service_account: str = "sq-stage"
    image_pull_policy: str = "IfNotPresent"
    moving_tag: Annotated[str, Field(pattern=r"^([A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?$")] = ""
    image_pull_secrets: tuple[str, ...] = ()
    config_maps: tuple[str, ...] = ()
    config_secrets: tuple[str, ...] = ()
    secrets: Mapping[str, str] = {}
    environment: Mapping[str, str] = {}
    node_selector: Mapping[str, str] = {}
    affinity: Mapping[str, Any] = {}
    tolerations: tuple[Mapping[str, Any], ...] = ()
    priority_class: str = ""
    gpu_resource: str = "nvidia.com/gpu"
    extended_resources: Mapping[str, str] = {}
    resources: Mapping[ResourceName, str] = {}
    volumes: tuple[Volume, ...] = ()
    host_aliases: Mapping[str, tuple[str, ...]] = {}
    pod_template_file: str = ""
    startup_timeout_seconds: int = 600
    schedule_timeout_seconds: int = 3600
    on_finish_action: Literal["delete_pod", "delete_succeeded_pod", "keep_pod"] = "delete_succeeded_pod"
    deferrable: bool = True
    poll_interval: float = 2.0
    get_logs: bool = True
    log_events_on_failure: bool = True
    termination_grace_period: int = 60
    run_as_user: int = 65532
    failed_pod_hours: int = 24

    def with_changes(self, own: PodSettings) -> PodSettings:
        """These settings, with those that `own` sets in place of them."""
        return self.model_copy(update={name: getattr(own, name) for name in own.model_fields_set})
