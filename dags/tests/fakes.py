"""Stand-ins for Airflow's task context and for a cluster, and an artefact as far as Airflow reads it."""

import copy
import json
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import urlsplit

from kubernetes.client import ApiClient, Configuration

RUN = "r-1"


def model(fields, kind):
    """An object of the Kubernetes client, from the JSON that the API server sends."""
    return ApiClient(Configuration())._ApiClient__deserialize(fields, kind)


def unpinned(task):
    """A copy of a task that takes what the DAG file says, and not what a run was started with."""
    made = copy.copy(task)
    made.pinned = False
    return made


class TaskInstance:
    dag_id, map_index, try_number = "search_quality", -1, 1

    def __init__(self, task_id, handoffs):
        self.task_id, self._handoffs = task_id, handoffs

    def xcom_pull(self, task_ids, map_indexes):
        return self._handoffs.get((task_ids, map_indexes))

    def xcom_push(self, key, value):
        assert key != "return_value", "a task that failed must not push a handoff"


def context(task_id="uk.generate", handoffs=None, conf=None, interval=None, run_type="manual", events=None, **params):
    """A task's context.

    Args:
        handoffs: (task id, map index) to what that task returned.
        conf: what the run was triggered with.
        interval: start and end of the data interval; None for a run without one.
        events: asset to the events that started the run.
    """
    interval = dict(zip(("data_interval_start", "data_interval_end"), interval, strict=True)) if interval else {}
    return {
        **interval,
        "triggering_asset_events": events or {},
        "ti": TaskInstance(task_id, handoffs or {}),
        "run_id": RUN,
        "params": {"markets": ["uk", "de"]} | params,
        "dag": SimpleNamespace(params=dict.fromkeys(["markets", "query_budget", "judge"])),
        "dag_run": SimpleNamespace(conf=conf or {}, run_type=run_type),
    }


def publish(operator):
    """Writes the manifest of the operator's artefact. Returns the handoff."""
    uri, digest = operator.stage.output(RUN, ""), "sha256:" + "a" * 64
    folder = Path(urlsplit(uri).path)
    folder.mkdir(parents=True)
    (folder / "manifest.json").write_text(
        json.dumps({"digest": digest, "content": {"messageType": "sq.v1.QuerySetRecord", "records": "1"}})
    )
    handoff = {"stage": "generate", "runId": RUN, "market": "uk", "uri": uri, "digest": digest}
    return handoff | {"messageType": "sq.v1.QuerySetRecord", "records": "1"}


def cluster(operator, monkeypatch, pod, events=()):
    """Gives the operator a cluster that has one pod. Returns the names of the pods it deletes."""
    deleted = []
    manager = SimpleNamespace(
        read_pod_events=lambda pod: SimpleNamespace(items=list(events)),
        read_pod=lambda pod_: pod,
        delete_pod=lambda pod: deleted.append(pod.metadata.name),
    )
    client = SimpleNamespace(read_namespaced_pod=lambda name, namespace: pod, patch_namespaced_pod=lambda **_: None)
    monkeypatch.setitem(vars(operator), "pod_manager", manager)
    monkeypatch.setitem(vars(operator), "client", client)
    return deleted


def ended(code, message, phase="Failed"):
    """A pod whose stage ended with an exit code."""
    state = {"terminated": {"exitCode": code, "reason": "Error", "message": message}}
    status = {"name": "base", "image": "i", "imageID": "", "ready": False, "restartCount": 0, "state": state}
    fields = {"metadata": {"name": "p", "namespace": "sq"}, "spec": {"containers": [{"name": "base"}]}}
    return model(fields | {"status": {"phase": phase, "containerStatuses": [status]}}, "V1Pod")
