"""Writes the entry point, labels and name of an image from the contracts of its stages. Checks that they fit."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from google.protobuf import text_format

from sq.v1.stage_contract_pb2 import StageContract


def labels(contract: StageContract, version: str) -> dict[str, str]:
    """Labels of the OCI image specification. They depend only on the stage, so equal content has an equal digest."""
    return {
        "org.opencontainers.image.base.name": "debian:12",
        "org.opencontainers.image.description": contract.summary,
        "org.opencontainers.image.title": contract.image,
        "org.opencontainers.image.vendor": "sq",
        "org.opencontainers.image.version": version,
    }


def problem(contract: StageContract, image: str, programs: list[str]) -> str:
    """Why a stage cannot run in an image with these programs; empty if it can."""
    if contract.image != image:
        return f"image is {contract.image!r}, and the first contract has {image!r}: use one name in both"
    program = contract.entrypoint[0] if contract.entrypoint else ""
    if program not in programs:
        return f"entrypoint is {program!r}, and the image has {', '.join(programs)}: add it to the image's programs"
    return ""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, allow_abbrev=False)
    parser.add_argument(
        "--contract", type=Path, action="append", required=True, help="of a stage; the first names the image"
    )
    parser.add_argument("--program", action="append", required=True)
    parser.add_argument("--version", required=True)
    for out in ("entrypoint", "labels", "tags"):
        parser.add_argument(f"--{out}", type=Path, required=True, help="file to write")
    flags = parser.parse_args()
    contracts = [text_format.Parse(path.read_text(encoding="utf-8"), StageContract()) for path in flags.contract]
    first = contracts[0]
    for path, contract in zip(flags.contract, contracts, strict=True):
        if said := problem(contract, first.image, flags.program):
            sys.exit(f"{path}: {said}")
    flags.entrypoint.write_text("".join(f"{part}\n" for part in first.entrypoint), encoding="utf-8")
    lines = [f"{key}={value}\n" for key, value in labels(first, flags.version).items()]
    flags.labels.write_text("".join(lines), encoding="utf-8")
    flags.tags.write_text(f"{first.image}:latest\n", encoding="utf-8")


if __name__ == "__main__":
    main()
