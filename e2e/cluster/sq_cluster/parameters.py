"""Every parameter of a pod, looked at in the cluster: what the API server has, and what the container sees."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from importlib import metadata

from sq_cluster.pods import await_true, facts, pod_of, pods
from sq_cluster.runs import Runs
from sq_cluster.site import BUSY_POOL, NAMESPACE
from sq_cluster.world import HOST, REGISTRY, World
from sq_e2e.checks import Checks

DAG = "cluster_pods"
RUN = "parameters"
_LONGEST_GAP = 15  # seconds between two heartbeats; Airflow calls a scheduler dead after 30


def start_parameters(made: World, runs: Runs) -> None:
    """A graphics card nobody has: an extended resource, patched onto the node."""
    patch = [{"op": "add", "path": "/status/capacity/nvidia.com~1gpu", "value": "1"}]
    made.kubectl("patch", "node", "node1", "--subresource=status", "--type=json", "-p", json.dumps(patch))
    runs.await_dag(DAG)
    runs.start(DAG, RUN)


@dataclass
class Whole:
    """The pod that has everything, and what it saw of itself."""

    made: World

    @cached_property
    def pod(self) -> dict:
        return pod_of(self.made, DAG, "whole")

    @cached_property
    def facts(self) -> dict:
        return facts(self.made, DAG, "whole")

    @property
    def spec(self) -> dict:
        return self.pod["spec"]

    @property
    def base(self) -> dict:
        return next(item for item in self.spec["containers"] if item["name"] == "base")

    @property
    def sidecar(self) -> dict:
        return next(item for item in self.spec["containers"] if item["name"] == "airflow-xcom-sidecar")

    @cached_property
    def digests(self) -> dict[str, str]:
        lock = json.loads((self.made.folder / "images.lock.json").read_text())
        return {name: image["digest"] for name, image in lock["images"].items()}


def check_parameters(checks: Checks, made: World, runs: Runs) -> None:
    outcome = runs.finish(DAG, RUN)
    whole = Whole(made)
    for name, check in WHOLE.items():
        with checks.check(f"pod: {name}"):
            assert outcome.tasks["whole", -1]["state"] == "success", runs.log(DAG, RUN, "whole")[-3000:]
            check(whole)
    check_modes(checks, made, runs, outcome)
    check_clusters(checks, made, runs, outcome)


def _namespace(whole: Whole) -> None:
    assert whole.pod["metadata"]["namespace"] == NAMESPACE


def _image(whole: Whole) -> None:
    digest = whole.digests["sq-generate"]
    assert whole.base["image"] == f"{REGISTRY}/sq-generate@{digest}"
    status = next(item for item in whole.pod["status"]["containerStatuses"] if item["name"] == "base")
    assert digest in status["imageID"], status["imageID"]
    assert whole.facts["environment"]["SQ_IMAGE_DIGEST"] == digest


def _pull(whole: Whole) -> None:
    assert whole.base["imagePullPolicy"] == whole.sidecar["imagePullPolicy"] == "Always"
    assert whole.spec["imagePullSecrets"] == [{"name": "sq-registry"}]
    # That the registry refuses a pull without it: failure pull_unauthorized.
    assert _events(whole.made, whole.pod, "Pulled")


def _command(whole: Whole) -> None:
    assert whole.base["command"] == ["python3.11", "/probe/probe.py", "facts"]
    given = whole.facts["arguments"]
    assert given[0] == "facts"
    assert given[1:] == whole.base["args"]
    assert given[given.index("--market") + 1] == "whole"


def _environment(whole: Whole) -> None:
    assert whole.facts["environment"]["FROM_SETTINGS"] == "a value"


def _config_map(whole: Whole) -> None:
    assert whole.facts["environment"]["AWS_REGION"] == "us-east-1"


def _secret(whole: Whole) -> None:
    assert whole.facts["secret_environment"] == _sha256(whole.made.storage.secret_key)
    assert whole.made.storage.secret_key not in json.dumps(whole.pod)


def _secret_file(whole: Whole) -> None:
    assert whole.facts["secret_file"] == _sha256(whole.made.model.key)


def _node(whole: Whole) -> None:
    assert whole.spec["nodeSelector"] == {"sq/pool": "stages"}
    assert whole.spec["nodeName"] == "node1"


def _affinity(whole: Whole) -> None:
    # What no node has waits: failure unschedulable.
    assert whole.spec["affinity"]["nodeAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]
    assert whole.spec["nodeName"] == "node1"


def _resources(whole: Whole) -> None:
    requests, limits = whole.base["resources"]["requests"], whole.base["resources"]["limits"]
    assert (requests["cpu"], limits["cpu"]) == ("20m", "1500m")
    assert (requests["memory"], limits["memory"]) == ("64Mi", "768Mi")
    assert requests["ephemeral-storage"] == limits["ephemeral-storage"] == "200Mi"
    # In the container's own cgroup. That the kubelet ends what goes above: failures oomkilled, evicted.
    assert whole.facts["memory_limit"] == str(768 << 20)
    assert whole.facts["cpu_limit"].split()[0] == "150000"


def _graphics(whole: Whole) -> None:
    assert whole.base["resources"]["requests"]["nvidia.com/gpu"] == "1"
    assert whole.base["resources"]["limits"]["nvidia.com/gpu"] == "1"
    node = json.loads(whole.made.kubectl("get", "node", "node1", "-o", "json"))
    assert node["status"]["allocatable"]["nvidia.com/gpu"] == "1"


def _volumes(whole: Whole) -> None:
    writable, files = whole.facts["writable"], whole.facts["files"]
    assert writable["/scratch"], "emptyDir"
    assert not writable["/data"], "claim, read-only"
    assert "catalogue.en.ndjson" in files["/data"]
    assert not writable["/probe"], "config map"
    assert "probe.py" in files["/probe"]


def _account(whole: Whole) -> None:
    assert whole.spec["serviceAccountName"] == "sq-stage"
    assert whole.spec["automountServiceAccountToken"] is False
    assert whole.facts["token"] is False


def _user(whole: Whole) -> None:
    assert whole.facts["user"] == [65532, 65532]
    assert int(whole.facts["capabilities"], 16) == 0
    assert whole.facts["no_new_privileges"].strip() == "1"


def _root(whole: Whole) -> None:
    assert whole.facts["writable"]["/"] is False
    assert whole.facts["writable"]["/tmp"] is True


def _seccomp(whole: Whole) -> None:
    assert whole.spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert whole.facts["seccomp"].strip() == "2", "2 is a filter"


def _restricted(whole: Whole) -> None:
    """The API server says so itself: the pod is sent again, as nobody changed it, to a namespace that enforces."""
    labels = json.loads(whole.made.kubectl("get", "namespace", NAMESPACE, "-o", "json"))["metadata"]["labels"]
    assert labels["pod-security.kubernetes.io/enforce"] == "restricted"
    assert whole.sidecar["image"] == f"{REGISTRY}/sq-xcom-sidecar@{whole.digests['sq-xcom-sidecar']}"
    assert whole.sidecar["securityContext"]["capabilities"] == {"drop": ["ALL"]}


def _labels(whole: Whole) -> None:
    labels, notes = whole.pod["metadata"]["labels"], whole.pod["metadata"]["annotations"]
    assert (labels["sq/stage"], labels["sq/market"]) == ("generate", "whole")
    assert labels["app.kubernetes.io/part-of"] == "sq"
    assert notes["sq/run"] == RUN
    assert notes["sq/output"].endswith(f"/runs/{RUN}/whole/generate")
    assert notes["sq/version"] == "e2e"


def _priority(whole: Whole) -> None:
    assert whole.spec["priorityClassName"] == "sq-stage"
    assert whole.spec["priority"] == 1000


# Parameter: how it shows.
WHOLE: dict[str, Callable[[Whole], None]] = {
    "namespace": _namespace,
    "image by digest": _image,
    "pull policy and pull secret": _pull,
    "command and arguments": _command,
    "environment from settings": _environment,
    "environment from a config map": _config_map,
    "environment from a secret": _secret,
    "a secret as a file": _secret_file,
    "node selector": _node,
    "affinity": _affinity,
    "CPU, memory and ephemeral storage": _resources,
    "a graphics card": _graphics,
    "volumes: emptyDir, claim, config map": _volumes,
    "service account, no token": _account,
    "not root, no capabilities": _user,
    "read-only root": _root,
    "seccomp RuntimeDefault": _seccomp,
    "restricted Pod Security, sidecar of ours by digest": _restricted,
    "labels and annotations": _labels,
    "priority class": _priority,
}


def check_modes(checks: Checks, made: World, runs: Runs, outcome) -> None:
    with checks.check("pod: template file"):
        pod = pod_of(made, DAG, "template")
        assert pod["metadata"]["labels"]["example.com/cost-centre"] == "search"
        assert pod["spec"]["enableServiceLinks"] is False
        assert pod["metadata"]["labels"]["sq/stage"] == "generate"
    with checks.check("pod: deferred to the triggerer"):
        log = runs.log(DAG, RUN, "whole")
        assert "DEFERRED" in log.upper(), log[-2000:]
        assert "DEFERRED" not in runs.log(DAG, RUN, "template").upper()
    with checks.check("pod: get_logs"):
        assert '{"probe"' in runs.log(DAG, RUN, "whole")
        assert '{"probe"' in runs.log(DAG, RUN, "template")
        assert '{"probe"' not in runs.log(DAG, RUN, "connection")
    with checks.check("pod: on_finish_action"):
        assert not pods(made, f"dag_id={DAG},task_id=busy_1"), "delete_succeeded_pod"
        assert pod_of(made, DAG, "whole")["status"]["phase"] == "Succeeded", "keep_pod"
        # delete_pod: failure bug.
    with checks.check("isolation: Airflow and a stage have libraries of their own"):
        _own_libraries(facts(made, DAG, "whole")["versions"])


def _own_libraries(stage: dict[str, str]) -> None:
    """Neither can import what the other has; what both have may differ."""
    airflow = {item.metadata["Name"].lower(): item.version for item in metadata.distributions()}
    shared = sorted(set(airflow) & set(stage))
    differing = [f"{name} {airflow[name]} and {stage[name]}" for name in shared if airflow[name] != stage[name]]
    print(f"     {len(airflow)} packages beside Airflow, {len(stage)} in the stage, {len(shared)} in both")
    print(f"     of other versions: {', '.join(differing) or 'none'}")
    assert "apache-airflow-core" in airflow and "apache-airflow-core" not in stage
    assert "duckdb" in stage and "duckdb" not in airflow
    assert differing, "both have the same versions of everything: this shows nothing"


def check_clusters(checks: Checks, made: World, runs: Runs, outcome) -> None:
    for task_id, name in (("context", "cluster_context"), ("connection", "kubernetes_conn_id")):
        with checks.check(f"two clusters in one DAG: {name}"):
            assert outcome.tasks[task_id, -1]["state"] == "success", runs.log(DAG, RUN, task_id)[-3000:]
            pod = pod_of(made, DAG, task_id, cluster=2)
            assert not pods(made, f"dag_id={DAG},task_id={task_id}")
            assert pod["status"]["podIP"].startswith("10.245."), pod["status"]["podIP"]
            assert pod_of(made, DAG, "whole")["status"]["podIP"].startswith(HOST.rpartition(".")[0])


def check_busy_node(checks: Checks, made: World, runs: Runs) -> None:
    """Autoscaling by hand: pods of a dedicated pool wait, a node of it comes, works, and goes."""
    busy = {f"busy_{number}" for number in (1, 2)}

    def phases() -> list[str]:
        return [pod["status"]["phase"] for task_id in busy for pod in pods(made, f"dag_id={DAG},task_id={task_id}")]

    with checks.check("pods of a dedicated pool wait for a node, a node comes, they run on it, it goes"):
        await_true(lambda: phases() == ["Pending", "Pending"], "two pods are pending")
        try:
            made.script("node.sh", "up", "2", SQ_NODE_POOL=BUSY_POOL, SQ_NODE_TAINTS=f"sq/pool={BUSY_POOL}:NoSchedule")
            with checks.check("busy pods in their own pool leave the scheduler's heartbeat steady"):
                await_true(lambda: "Running" in phases(), "a pod runs on the new node", 240)
                gap = _longest_gap(runs, lambda: "Running" in phases())
                print(f"     longest pause between two heartbeats: {gap:.0f} s")
                assert gap < _LONGEST_GAP
            nodes = {pod["spec"].get("nodeName") for pod in pods(made) if pod["spec"].get("tolerations")}
            assert "node2" in nodes or not phases()
            await_true(
                lambda: all(runs.state(DAG, RUN, task_id) == "success" for task_id in busy),
                "both succeed",
                240,
            )
            await_true(lambda: not phases(), "their pods are gone: nobody removes them once their node is", 60)
        finally:
            made.script("node.sh", "down", "2")
        assert made.kubectl("get", "nodes", "-o", "name").split() == ["node/node1"]


def _longest_gap(runs: Runs, while_true: Callable[[], bool]) -> float:
    """Seconds between two heartbeats of the scheduler, at most."""
    beats = {runs.heartbeat()}
    while while_true():
        beats.add(runs.heartbeat())
        time.sleep(1)
    times = sorted(beats)
    return max((b - a for a, b in zip(times, times[1:], strict=False)), default=0.0)


def _events(made: World, pod: dict, reason: str) -> list[str]:
    chosen = f"involvedObject.name={pod['metadata']['name']},reason={reason}"
    return made.kubectl("get", "events", "-n", NAMESPACE, "--field-selector", chosen, "-o", "name").split()


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
