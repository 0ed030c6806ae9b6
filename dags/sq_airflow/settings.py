"""What a deployment decides: where the rendered files lie, and how pods fit into its clusters."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

_BESIDE = Path(__file__).absolute().parents[1]


@dataclass(frozen=True)
class Volume:
    """A volume of every pod: a claim, a config map or a secret, by name; an emptyDir where none is named."""

    name: str
    mount_path: str
    claim: str = ""
    config_map: str = ""
    secret: str = ""
    read_only: bool = True


@dataclass(frozen=True)
class PodSettings:
    """How pods fit into a cluster. Names refer to what deploy/manifests makes; nothing here is secret.

    Attributes:
        kubernetes_conn_id: Airflow's connection to the cluster.
        cluster_context: of that connection's kubeconfig; empty for its current one.
        in_cluster: use the pod's own service account instead.
        config_maps: each one's entries become environment variables.
        config_secrets: the same of secrets: storage credentials.
        secrets: a contract's secret to "name/key" of the secret in the cluster.
        extended_resources: such as {"nvidia.com/gpu": "1"}.
        get_logs: the stage's log becomes part of the task's.
        log_events_on_failure: all events of a failed pod too; the last ones stand in the error anyway.
        failed_pod_hours: how long failed pods stay.
    """

    kubernetes_conn_id: str = "sq_kubernetes"
    cluster_context: str = ""
    in_cluster: bool | None = None
    namespace: str = "sq"
    service_account: str = "sq-stage"
    image_pull_policy: str = "IfNotPresent"
    image_pull_secrets: tuple[str, ...] = ()
    config_maps: tuple[str, ...] = ()
    config_secrets: tuple[str, ...] = ()
    secrets: Mapping[str, str] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    node_selector: Mapping[str, str] = field(default_factory=dict)
    affinity: Mapping[str, Any] = field(default_factory=dict)
    tolerations: tuple[Mapping[str, Any], ...] = ()
    priority_class: str = ""
    extended_resources: Mapping[str, str] = field(default_factory=dict)
    resources: Mapping[str, str] = field(default_factory=dict)
    volumes: tuple[Volume, ...] = ()
    host_aliases: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    pod_template_file: str = ""
    startup_timeout_seconds: int = 600
    schedule_timeout_seconds: int = 3600
    on_finish_action: str = "delete_succeeded_pod"
    deferrable: bool = True
    poll_interval: float = 2.0
    get_logs: bool = True
    log_events_on_failure: bool = True
    termination_grace_period: int = 60
    run_as_user: int = 65532
    failed_pod_hours: int = 24

    @classmethod
    def of(cls, values: Mapping[str, Any], name: str) -> PodSettings:
        """Raises ValueError for a setting that there is not."""
        return replace(cls(), **_typed(cls, values, name))

    def with_changes(self, values: Mapping[str, Any], name: str) -> PodSettings:
        """The same, with some settings of its own."""
        return replace(self, **_typed(type(self), values, name))


@dataclass(frozen=True)
class Settings:
    """Everything a deployment decides.

    Attributes:
        runtime: "kubernetes", or "process" for stages as processes of the machine Airflow runs on.
        storage_conn_id: Airflow's connection to the storage of artefacts; unused for file://.
        schedule: cron expression of search_quality; none where empty.
        mail_to: who is written to when a task fails or is tried again; nobody where empty.
        webhook_conn_id: HTTP connection that is told of a finished run; none where empty.
        judges: judges that a run may choose, by name, each the fields of EvaluateConfig that make it.
        stages: a stage's own pod settings over those of all.
    """

    runtime: str = "kubernetes"
    owner: str = "search"
    schedule: str = ""
    storage_conn_id: str = "sq_storage"
    smtp_conn_id: str = "sq_smtp"
    mail_from: str = "search-quality@localhost"
    mail_to: tuple[str, ...] = ()
    webhook_conn_id: str = ""
    judges: Mapping[str, dict] = field(default_factory=dict)
    retry_seconds: int | None = None
    max_active_runs: int = 5
    pods: PodSettings = PodSettings()
    stages: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def pods_of(self, stage: str) -> PodSettings:
        return self.pods.with_changes(self.stages.get(stage, {}), f"stages.{stage}")


@dataclass(frozen=True)
class Places:
    """Where the files lie that the DAGs are made of: beside this package, or where SQ_* variables say."""

    pipeline: Path
    images: Path
    run_config: Path
    settings: Path

    @classmethod
    def from_environment(cls) -> Places:
        return cls(
            pipeline=_file("SQ_PIPELINE", "pipeline.json"),
            images=_file("SQ_IMAGES_LOCK", "images.lock.json"),
            run_config=_file("SQ_RUN_CONFIG", "run.json"),
            settings=_file("SQ_AIRFLOW_SETTINGS", "settings.json"),
        )


def read_settings(path: Path) -> Settings:
    """The settings in a file of JSON. Raises ValueError with the file and the setting."""
    values = dict(json.loads(path.read_text(encoding="utf-8")))
    pods = PodSettings.of(values.pop("pods", {}), f"{path}: pods")
    settings = replace(Settings(), pods=pods, **_typed(Settings, values, str(path)))
    for stage in settings.stages:
        settings.pods_of(stage)
    return settings


def _file(variable: str, name: str) -> Path:
    return Path(os.environ.get(variable) or _BESIDE / name)


def _typed(kind: type, values: Mapping[str, Any], name: str) -> dict[str, Any]:
    known = {item.name for item in fields(kind)}
    for unknown in sorted(set(values) - known):
        raise ValueError(f"{name}: {unknown} is no setting; there are {', '.join(sorted(known))}")
    return {key: _value(key, value) for key, value in values.items()}


def _value(key: str, value: Any) -> Any:
    if key == "volumes":
        return tuple(Volume(**volume) for volume in value)
    return tuple(value) if isinstance(value, list) else value
