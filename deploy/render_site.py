"""Renders what a site adds to an Airflow that it has, on the official Helm chart.

    bazel run //deploy:site -- --run run.json --lock images.lock.json --settings settings.json \
        --repository https://git.example.com/search/sq --ref v1.4.0 --out site

Writes to the folder:

    values.yaml       values of the chart: DAGs by git-sync, the four files, local settings
    files.yaml        a config map with the four files and the wirings of models, for Airflow's namespace
    network.yaml      the network policies of the stages, with the site's ports
    pools.json        for `airflow pools import`
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

_HERE = Path(__file__).parent
# Where the chart's containers find the files.
FOLDER = "/opt/airflow/sq"
CONFIG_MAP = "sq-files"
# Variable of the DAGs to the name of its file.
FILES = {
    "SQ_PIPELINE": "pipeline.json",
    "SQ_IMAGES_LOCK": "images.lock.json",
    "SQ_RUN_CONFIG": "run.json",
    "SQ_AIRFLOW_SETTINGS": "settings.json",
}
# The wirings of the DAGs of models, which read them beside pipeline.json.
WIRINGS = ("judge-training.json", "judge-inference.json")
# A config map holds at most this much.
_MOST_BYTES = 1_000_000
_EXIT_BAD_INPUT = 2


class SiteError(Exception):
    """A file or a flag is wrong. The text names it, and the fix."""


def values(local_settings: str, repository: str, ref: str) -> dict[str, Any]:
    """Values of the chart, besides those that the site has already.

    Args:
        local_settings: the text of deploy/airflow/local_settings.py.
        repository: URL of the repository with the folder dags/.
        ref: a tag or commit of it.
    """
    return {
        "allowPodLaunching": True,
        "env": [{"name": name, "value": f"{FOLDER}/{file}"} for name, file in FILES.items()],
        "config": {"workers": {"min_heartbeat_interval": 1}},
        "airflowLocalSettings": local_settings,
        "dags": {"gitSync": {"enabled": True, "repo": repository, "ref": ref, "subPath": "dags"}},
        "volumes": [{"name": CONFIG_MAP, "configMap": {"name": CONFIG_MAP}}],
        "volumeMounts": [{"name": CONFIG_MAP, "mountPath": FOLDER, "readOnly": True}],
    }


def config_map(files: Mapping[str, str]) -> dict[str, Any]:
    """The config map of the files, by name. Raises SiteError if it would be too large."""
    size = sum(len(text.encode()) for text in files.values())
    if size > _MOST_BYTES:
        raise SiteError(f"the files have {size} bytes, and a config map holds {_MOST_BYTES}; mount them from a claim")
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": CONFIG_MAP}, "data": dict(files)}


def network(policies: Sequence[dict[str, Any]], stages: Sequence[int], search: Sequence[int]) -> list[dict[str, Any]]:
    """Network policies with the site's ports.

    Args:
        policies: those of deploy/manifests/network.yaml.
        stages: TCP ports that every stage reaches: storage, models, telemetry.
        search: TCP ports of the search endpoint.
    """
    by_name = {policy["metadata"]["name"]: policy for policy in policies}
    by_name["names-and-storage"]["spec"]["egress"][1]["ports"] = _tcp(stages)
    by_name["retrieve-to-search"]["spec"]["egress"] = [{"ports": _tcp(search)}]
    return list(by_name.values())


def _tcp(ports: Sequence[int]) -> list[dict[str, Any]]:
    return [{"port": port, "protocol": "TCP"} for port in ports]


def render(flags: argparse.Namespace, here: Path) -> None:
    """Writes the folder. Raises SiteError."""
    given = {
        "SQ_PIPELINE": flags.pipeline,
        "SQ_IMAGES_LOCK": here / flags.lock,
        "SQ_RUN_CONFIG": here / flags.run,
        "SQ_AIRFLOW_SETTINGS": here / flags.settings,
    }
    files = {FILES[name]: _json(path) for name, path in given.items()}
    files |= {name: _json(flags.pipeline.with_name(name)) for name in WIRINGS}
    local_settings = (_HERE / "airflow/local_settings.py").read_text(encoding="utf-8")
    policies = list(yaml.safe_load_all((_HERE / "manifests/network.yaml").read_text(encoding="utf-8")))
    pools = json.loads((_HERE / "airflow/pools.json").read_text(encoding="utf-8"))
    texts = {
        "values.yaml": yaml.safe_dump(values(local_settings, flags.repository, flags.ref), sort_keys=False),
        "files.yaml": yaml.safe_dump(config_map(files), sort_keys=False),
        "network.yaml": yaml.safe_dump_all(network(policies, flags.ports, flags.search_ports), sort_keys=False),
        "pools.json": json.dumps(pools, indent=2) + "\n",
    }
    out = here / flags.out
    out.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (out / name).write_text(text, encoding="utf-8")


def _json(path: Path) -> str:
    try:
        text = path.read_text(encoding="utf-8")
        json.loads(text)
    except OSError as error:
        raise SiteError(f"{path} cannot be read: {error.strerror}; name the file") from error
    except ValueError as error:
        raise SiteError(f"{path} is not JSON: {error}; //deploy:run_config renders run.json") from error
    return text


def _ports(text: str) -> list[int]:
    ports = [int(port) for port in text.split(",")]
    if not all(0 < port < 65536 for port in ports):
        raise ValueError
    return ports


_ports.__name__ = "list of ports"


def main() -> int:
    parser = argparse.ArgumentParser(prog="site", description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--run", type=Path, required=True, metavar="FILE", help="run.json of //deploy:run_config")
    parser.add_argument("--lock", type=Path, required=True, metavar="FILE", help="images.lock.json of the release")
    parser.add_argument("--settings", type=Path, required=True, metavar="FILE", help="settings.json")
    parser.add_argument("--repository", required=True, metavar="URL", help="the repository whose dags/ Airflow reads")
    parser.add_argument("--ref", required=True, help="its tag or commit: that of the release")
    parser.add_argument("--ports", type=_ports, default=[443], help="ports that every stage reaches, such as 443,9000")
    parser.add_argument("--search-ports", type=_ports, default=[9200], help="ports of the search endpoint")
    parser.add_argument("--out", type=Path, required=True, metavar="FOLDER")
    default = Path(os.environ.get("SQ_PIPELINE") or _HERE.parent / "pipeline/pipeline.json")
    parser.add_argument("--pipeline", type=Path, default=default, help=argparse.SUPPRESS)
    flags = parser.parse_args()
    try:
        render(flags, Path(os.environ.get("BUILD_WORKING_DIRECTORY", ".")))
    except SiteError as error:
        print(error, file=sys.stderr)
        return _EXIT_BAD_INPUT
    return 0


if __name__ == "__main__":
    sys.exit(main())
