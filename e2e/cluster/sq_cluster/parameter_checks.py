"""What each parameter of a pod changes: what the API server stores, and what the container sees."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable

from sq_cluster.site import NAMESPACE
from sq_cluster.whole_pod import RUN, Whole
from sq_cluster.world import REGISTRY, World


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
    # The check "failure: pull_unauthorized" shows that the registry refuses a pull without the secret.
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
    # The check "failure: unschedulable" shows that a pod waits if no node matches.
    assert whole.spec["affinity"]["nodeAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]
    assert whole.spec["nodeName"] == "node1"


def _resources(whole: Whole) -> None:
    requests, limits = whole.base["resources"]["requests"], whole.base["resources"]["limits"]
    assert (requests["cpu"], limits["cpu"]) == ("20m", "1500m")
    assert (requests["memory"], limits["memory"]) == ("64Mi", "768Mi")
    assert requests["ephemeral-storage"] == limits["ephemeral-storage"] == "200Mi"
    # These are the limits of the container's cgroup. The checks of oomkilled and evicted show what happens above them.
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
    """The namespace enforces the standard, so the API server itself has checked the pod."""
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


# Parameter: its check.
PARAMETERS: dict[str, Callable[[Whole], None]] = {
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


def _events(made: World, pod: dict, reason: str) -> list[str]:
    chosen = f"involvedObject.name={pod['metadata']['name']},reason={reason}"
    return made.kubectl("get", "events", "-n", NAMESPACE, "--field-selector", chosen, "-o", "name").split()


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
