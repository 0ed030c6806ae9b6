"""contract.py CONTRACT VERSION ENTRYPOINT LABELS: an image's entry point and labels out of a stage's contract."""

from __future__ import annotations

import sys
from pathlib import Path

from google.protobuf import text_format

from sq.v1.stage_contract_pb2 import StageContract


def labels(contract: StageContract, version: str) -> dict[str, str]:
    """Those of the OCI image specification that the stage alone decides, so that equal content has an equal digest."""
    return {
        "org.opencontainers.image.base.name": "debian:12",
        "org.opencontainers.image.description": contract.summary,
        "org.opencontainers.image.title": contract.image,
        "org.opencontainers.image.vendor": "sq",
        "org.opencontainers.image.version": version,
    }


def main(path: str, version: str, entrypoint: str, labels_path: str) -> None:
    contract = text_format.Parse(Path(path).read_text(encoding="utf-8"), StageContract())
    Path(entrypoint).write_text("".join(f"{part}\n" for part in contract.entrypoint), encoding="utf-8")
    lines = [f"{key}={value}\n" for key, value in labels(contract, version).items()]
    Path(labels_path).write_text("".join(lines), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
