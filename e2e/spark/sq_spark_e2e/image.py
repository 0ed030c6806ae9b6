"""`bazel run //e2e/spark:image`: runs the image sq-generate-spark with runc, read-only and on the host's network.

Needs root and runc. Ends with 'N passed, N failed'.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

from release.layouts import Image
from sq_e2e.checks import Checks
from sq_e2e.places import SAMPLE
from sq_spark_e2e import logs
from sq_spark_e2e.program import PLAIN, Ending, Generate

_USER = 65532
_SECONDS = 1200


def unpack(image: Image, folder: Path) -> None:
    """Unpacks the files of an image."""
    for layer in image.layers:
        with layer.open() as stream, tarfile.open(fileobj=stream, mode="r|") as archive:
            archive.extractall(folder, numeric_owner=True)


def write_bundle(image: Image, bundle: Path, arguments: list[str], shared: Path) -> None:
    """Writes the configuration for runc: the image's user, variables and entry point, and one shared folder.

    Args:
        bundle: has the image's files in root/.
        shared: folder that the container can write to, at the same path.
    """
    subprocess.run(["runc", "spec"], cwd=bundle, check=True)
    path = bundle / "config.json"
    spec = json.loads(path.read_text())
    run = image.config["config"]
    spec["root"] = {"path": "root", "readonly": True}
    spec["process"] |= {
        "terminal": False,
        "user": {"uid": _USER, "gid": _USER},
        "env": [*run["Env"], "HOME=/home/nonroot"],
        "args": [*run["Entrypoint"], *arguments],
        "cwd": "/",
    }
    # The network of the host, so that Spark can use the loopback interface.
    spec["linux"]["namespaces"] = [item for item in spec["linux"]["namespaces"] if item["type"] != "network"]
    spec["mounts"] += [
        {"destination": "/tmp", "type": "tmpfs", "source": "tmpfs", "options": ["mode=1777"]},
        # Every container engine provides this file, which has the address of localhost.
        {"destination": "/etc/hosts", "type": "bind", "source": "/etc/hosts", "options": ["bind", "ro"]},
        {"destination": str(shared), "type": "bind", "source": str(shared), "options": ["bind", "rw"]},
    ]
    path.write_text(json.dumps(spec))


def run(image: Image, bundle: Path, config: Mapping, shared: Path) -> Ending:
    """Runs the image's program once."""
    output = shared / "by-image"
    flags = ["--run-id", "image", "--market", "uk", "--config", json.dumps(config), "--output", str(output)]
    write_bundle(image, bundle, flags, shared)
    command = ["runc", "--root", str(bundle / "state"), "run", "--bundle", str(bundle), f"sq-{time.monotonic_ns()}"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=_SECONDS, check=False)
    return Ending(done.returncode, done.stdout, done.stderr)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("layout", type=Path)
    flags = parser.parse_args()
    checks = Checks()
    with tempfile.TemporaryDirectory(prefix="sq-e2e-image-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        shared = folder / "shared"
        shared.mkdir()
        shutil.copy(SAMPLE / "catalogue.en.ndjson", shared)
        log = logs.write_parquet(_inside(shared, "log"), logs.rows())
        generate = Generate(_inside(shared, "runs"))
        catalogue = {"catalogue": {"uri": str(shared / "catalogue.en.ndjson")}}
        for path in [shared, *shared.rglob("*")]:
            path.chmod(0o777 if path.is_dir() else 0o644)
        image = Image.open(flags.layout)
        with checks.check("the image gives the digest that DuckDB gives"):
            unpack(image, folder / "root")
            found = run(image, folder, generate.spark_config(log, **catalogue), shared)
            assert found.digest == generate.finish(PLAIN, generate.config(log, **catalogue)).digest
            assert "Spark runs" in found.log, found.log[-1000:]
    return checks.close()


def _inside(folder: Path, name: str) -> Path:
    path = folder / name
    path.mkdir()
    return path


if __name__ == "__main__":
    sys.exit(main())
