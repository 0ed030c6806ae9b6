"""Runs `sq` and single stages as processes."""

from __future__ import annotations

import json
import subprocess

from sq.v1.query_pb2 import QueryLogSummary, QuerySetRecord
from sq_cli.programs import find_program
from sq_e2e.chorus.data import FIELDS, Chorus
from sq_e2e.places import sq_command
from sq_handoff import ArtefactReader


def sq(*arguments: str, environment: dict[str, str], expect: int = 0) -> str:
    """Runs `sq`. Returns its stdout, or its stderr if the expected exit code is not 0.

    Raises:
        RuntimeError: it ended with another exit code.
    """
    done = subprocess.run(
        [*sq_command(), *arguments],
        env=environment,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        check=False,
    )
    if done.returncode != expect:
        raise RuntimeError(f"sq {arguments[0]} ended with {done.returncode}, not {expect}:\n{done.stderr[-3000:]}")
    return done.stderr if expect else done.stdout


def generate(chorus: Chorus, log: dict, name: str, environment: dict[str, str]) -> QueryLogSummary:
    """Runs sq-generate alone over a log. Returns its summary.

    Raises:
        RuntimeError: sq-generate failed.
    """
    config = {
        "source_language": "en",
        "target_language": "en",
        "log": log,
        "catalogue": {"uri": str(chorus.products), "fields": FIELDS},
    }
    output = chorus.folder / name
    command = [*find_program("sq-generate"), "--run-id=e2e", f"--config={json.dumps(config)}", f"--output={output}"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(done.stderr[-3000:])
    return next(iter(ArtefactReader.open(str(output), QuerySetRecord))).summary
