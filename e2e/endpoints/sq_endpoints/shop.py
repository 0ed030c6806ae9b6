"""The sample shop with or without its faults, and runs over it."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import yaml

from sq.v1.retrieval_pb2 import RetrievalRecord
from sq_cli.programs import find_program
from sq_e2e.places import SAMPLE, sq_command
from sq_handoff import ArtefactReader, fetch_manifest

MARKETS = ("uk", "de")


@dataclass(frozen=True)
class Ended:
    """The exit code and the stderr of a program."""

    code: int
    logs: str


@dataclass(frozen=True)
class Shop:
    """A copy of the sample, and the folder of its runs."""

    folder: Path
    workspace: Path

    @classmethod
    def copied(cls, folder: Path, *, faults: bool) -> Shop:
        shutil.copytree(SAMPLE, folder / "shop", copy_function=shutil.copyfile)
        if not faults:
            (folder / "shop/faults.json").unlink()
        return cls(folder / "shop", folder / "runs")

    @property
    def sample(self) -> dict:
        return yaml.safe_load((self.folder / "sample.yaml").read_text(encoding="utf-8"))

    @property
    def planted_reasons(self) -> set[str]:
        """The reasons for failures that the sample's faults lead to."""
        faults = json.loads((self.folder / "faults.json").read_text(encoding="utf-8"))["markets"].values()
        return {_reason(fault) for of_market in faults for fault in of_market}

    def documents(self, market: str) -> list[dict]:
        lines = (self.folder / f"index.{market}.ndjson").read_text(encoding="utf-8").splitlines()
        return [json.loads(line) for line in lines]

    def run(self, name: str, retrieve: Callable[[str], dict]) -> Ended:
        """Runs `sq run` over both markets. `retrieve` returns the configuration of retrieve for a market."""
        config = self.sample
        config["workspace_uri"] = str(self.workspace)
        del config["defaults"]["retrieve"]
        for market in config["markets"]:
            market["retrieve"] = retrieve(market["market"])
        path = self.folder / f"{name}.yaml"
        path.write_text(yaml.safe_dump(config), encoding="utf-8")
        return ended([*sq_command(), "run", str(path), "--run-id", name])

    def outputs(self, name: str, stage: str, market: str) -> list[str]:
        """URIs of the artefacts of a stage, one for each shard."""
        return sorted(str(path.parent) for path in (self.workspace / name / market / stage).rglob("manifest.json"))

    def digests(self, name: str) -> list[str]:
        """Digests of all artefacts of retrieve."""
        return [fetch_manifest(uri).digest for market in MARKETS for uri in self.outputs(name, "retrieve", market)]

    def records(self, name: str, market: str) -> list[RetrievalRecord]:
        return [
            record
            for uri in self.outputs(name, "retrieve", market)
            for record in ArtefactReader.open(uri, RetrievalRecord)
        ]


def _reason(fault: dict) -> str:
    if fault.get("truncate"):
        return "MALFORMED"
    return "REFUSED" if fault["status"] < 500 else "SERVER_ERROR"


def retrieve(queries: str, config: dict, output: str, *more: str) -> Ended:
    """Runs sq-retrieve alone, with further arguments."""
    command = [*find_program("sq-retrieve"), "--run-id=e2e", "--market=uk", f"--config={json.dumps(config)}"]
    return ended([*command, f"--input=queries={queries}", f"--output={output}", *more])


def ended(command: list[str]) -> Ended:
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        check=False,
    )
    return Ended(done.returncode, done.stderr)
