"""Labels, keys and models for the DAGs of models: a small shop, and modules that must not run."""

from __future__ import annotations

import json
from pathlib import Path

import mouse_shop
import yaml

from sq_cluster import places
from sq_cluster.site import NAMESPACE
from sq_cluster.world import BUCKET, World

MODELS = f"s3://{BUCKET}/models"
LABELS = f"s3://{BUCKET}/labels"
SOURCE_RUN = "for-models"
CLAIM = "sq-models"
# Config map with the public keys that pods trust.
KEYS = "sq-model-keys"
# What the modules print when they are imported.
RAN = "the module was imported"

_MODULE = f"""
print({RAN!r}, flush=True)


class Model:
    def __init__(self, folder):
        pass

    def run(self, inputs):
        raise KeyError("weights")
        yield
"""
_CARD = {
    "interface": {
        "inputs": [
            {"name": "queries", "messageType": "sq.v1.QuerySetRecord"},
            {"name": "retrieval", "messageType": "sq.v1.RetrievalRecord"},
        ],
        "outputType": "sq.v1.JudgingRecord",
    }
}


def configuration() -> dict:
    """The part of the run configuration about models."""
    return {
        "judge_training": {
            "model": f"{MODELS}/judge",
            "labels": {"uri": f"{LABELS}/right.csv", "scale_max": 3},
            "catalogue": {"uri": f"{LABELS}/products.ndjson"},
            "held_out_share": 0.4,
        },
        "judge_inference": {
            "model": f"{MODELS}/judge@production",
            "source_uri": f"s3://{BUCKET}/runs/{SOURCE_RUN}/uk",
            "store_uri": f"s3://{BUCKET}/judgments",
        },
    }


def prepare(made: World) -> None:
    """Writes labels and models to the bucket and keys to the cluster, and makes a finished run to judge."""
    _write_shop(made.artefacts / "labels")
    _register_modules(made)
    _give_keys(made)
    _make_claim(made)
    _run_search(made)


def _write_shop(folder: Path) -> None:
    """A catalogue, and labels: right ones, wrong ones, and such of one class."""
    folder.mkdir()
    mouse_shop.write_catalogue(folder / "products.ndjson")
    right = mouse_shop.coloured_labels()
    mouse_shop.write_labels(folder / "right.csv", right)
    mouse_shop.write_labels(folder / "wrong.csv", mouse_shop.wrong(right))
    mouse_shop.write_labels(folder / "one-class.csv", mouse_shop.of_one_class(right))


def sq(made: World, *arguments: str | Path) -> str:
    """Runs `sq` on this machine, with keys of this site. Returns what it prints. Raises RuntimeError if it fails."""
    workspace = str(made.artefacts / "runs")
    return made.program(places.SQ, *arguments, SQ_KEYS=str(made.folder / "keys"), SQ_WORKSPACE=workspace)


def _register_modules(made: World) -> None:
    """Registers a module that raises under three names; then removes a signature, and alters a file."""
    folder = made.folder / "module"
    folder.mkdir()
    (folder / "model.py").write_text(_MODULE, encoding="utf-8")
    (folder / "card.json").write_text(json.dumps(_CARD), encoding="utf-8")
    sq(made, "model", "sign", folder)
    bucket = made.artefacts / "models"
    for name in ("raises", "unsigned", "altered"):
        sq(made, "model", "register", folder, bucket / f"{name}@v1")
    (bucket / "unsigned/v1/model.sig").unlink()
    with (bucket / "altered/v1/model.py").open("a", encoding="utf-8") as file:
        file.write("# altered\n")


def _give_keys(made: World) -> None:
    """The private key for the pod that trains, and the public key that all pods trust."""
    keys = made.folder / "keys"
    private = {"model.key": (keys / "model.key").read_text(encoding="utf-8")}
    public = {"site.pub": (keys / "trusted/own.pub").read_text(encoding="utf-8")}
    metadata = {"namespace": NAMESPACE}
    items = [
        {"kind": "Secret", "metadata": metadata | {"name": "sq-model-key"}, "stringData": private},
        {"kind": "ConfigMap", "metadata": metadata | {"name": KEYS}, "data": public},
    ]
    _apply(made, items)


def claim_folder(made: World) -> Path:
    """The folder of this machine behind the claim."""
    return made.folder / "claim"


def _make_claim(made: World) -> None:
    folder = claim_folder(made)
    folder.mkdir()
    folder.chmod(0o777)
    claimed = {"accessModes": ["ReadWriteMany"], "storageClassName": CLAIM}
    size = {"storage": "1Gi"}
    items = [
        {
            "kind": "PersistentVolume",
            "metadata": {"name": CLAIM},
            "spec": {"capacity": size, "hostPath": {"path": str(folder), "type": "Directory"}, **claimed},
        },
        {
            "kind": "PersistentVolumeClaim",
            "metadata": {"name": CLAIM, "namespace": NAMESPACE},
            "spec": {**claimed, "resources": {"requests": size}},
        },
    ]
    _apply(made, items)


def _apply(made: World, items: list[dict]) -> None:
    listed = {"apiVersion": "v1", "kind": "List", "items": [{"apiVersion": "v1"} | item for item in items]}
    made.kubectl("apply", "-f", "-", given=json.dumps(listed))


def _run_search(made: World) -> None:
    """A small run of uk in two shards, on this machine; its artefacts are in the bucket."""
    config = yaml.safe_load(made.config.read_text(encoding="utf-8"))
    config["markets"] = [market for market in config["markets"] if market["market"] == "uk"]
    config["defaults"]["generate"] |= {"query_budget": 6}
    config["markets"][0]["evaluate"] = {"baseline": {}}
    # The history is of the DAG's runs, on storage that this run has no key for.
    del config["consolidate"]["history_uri"]
    path = made.config.with_name("for-models.yaml")
    path.write_text(yaml.safe_dump(config), encoding="utf-8")
    sq(made, "run", path, "--run-id", SOURCE_RUN)
