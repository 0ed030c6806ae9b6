"""Checks of query logs and artefacts: what generate counts, and how damage is reported."""

from __future__ import annotations

import subprocess

from sq_cli.programs import find_program
from sq_e2e.checks import Checks
from sq_e2e.chorus.data import Chorus
from sq_e2e.chorus.programs import generate, sq
from sq_handoff import fetch_manifest


def check_log(checks: Checks, chorus: Chorus, environment: dict[str, str]) -> None:
    with checks.check("generate reads the UBI log: every search is counted"):
        found = generate(chorus, {"uri": [str(chorus.ubi)], "format": "FILE_FORMAT_UBI"}, "ubi", environment)
        print(f"     {found.searches} searches, {found.junk_rows} junk rows, {found.segments_taken} segments")
        assert found.rows == found.searches + found.junk_rows == 473
        assert found.broken_rows == 0


def check_bad_files(checks: Checks, chorus: Chorus, environment: dict[str, str]) -> None:
    with checks.check("a broken log line is counted with its place"):
        log = chorus.folder / "broken.ndjson"
        log.write_text('{"user_query": "hdmi cable"}\n{"user_query": \n{"user_query": "laptop"}\n', encoding="utf-8")
        summary = generate(chorus, {"uri": [str(log)], "format": "FILE_FORMAT_UBI"}, "broken", environment)
        assert (summary.rows, summary.broken_rows) == (2, 1), summary
        assert "broken.ndjson:2" in summary.broken_examples[0]
    with checks.check("a flipped bit in an artefact: exit 2, and it says which part"):
        part = next((chorus.folder / "broken/parts").iterdir())
        data = bytearray(part.read_bytes())
        data[len(data) // 2] ^= 1
        part.write_bytes(data)
        assert part.name in sq("cat", str(chorus.folder / "broken"), environment=environment, expect=2)
    with checks.check("a wrong type of artefact: exit 2, and it says which types"):
        text = wrong_type(chorus, environment)
        assert "sq.v1.QuerySetRecord" in text and "sq.v1.RetrievalRecord" in text, text


def wrong_type(chorus: Chorus, environment: dict[str, str]) -> str:
    """Gives sq-ner-diff a query set in place of results. Returns what it logs."""
    queries = chorus.folder / "ubi"
    fetch_manifest(str(queries))
    command = [*find_program("sq-ner-diff"), "--run-id=e2e", "--config={}", f"--input=queries={queries}"]
    done = subprocess.run(
        [*command, f"--input=retrieval={queries}", f"--output={chorus.folder}/wrong"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2, done.returncode
    return done.stderr
