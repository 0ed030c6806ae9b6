"""Handoff and pages belong to the artefact that is published, whoever else writes to its folder."""

import json
from pathlib import Path

import pytest
from stage_process import echo, flags

from sq_handoff import Store, fetch_manifest
from sq_handoff.canonical_json import canonical_json
from sq_stagekit.pages import show_pages


def other(page: str, **env: str) -> str:
    """The environment of an execution that starts and ends before its rival publishes."""
    return json.dumps({"ECHO_MEANWHILE": "", "ECHO_FAILS": "0", "ECHO_PAGE": page} | env)


def page(out: Path) -> str:
    return (out / "report.html").read_text()


def test_a_writer_that_lost_with_other_records_replaces_nothing(differences: str, tmp_path: Path) -> None:
    out = tmp_path / "out"
    rival = other("of the winner")
    lost = echo(*flags(differences, out), ECHO_PAGE="of the loser", ECHO_FAILS="20", ECHO_MEANWHILE=rival)
    assert lost.returncode == 2, lost.stderr
    assert "already contains the artefact" in lost.stderr
    assert page(out) == "of the winner"
    again = json.loads(echo(*flags(differences, out)).stdout)
    assert (again["records"], again["pages"]) == ("20", ["report.html"])


def test_a_writer_that_lost_with_equal_records_returns_the_winners_pages(differences: str, tmp_path: Path) -> None:
    out = tmp_path / "out"
    lost = echo(*flags(differences, out), ECHO_PAGE="of the loser", ECHO_MEANWHILE=other("of the winner"))
    assert lost.returncode == 0, lost.stderr
    assert page(out) == "of the winner"


def test_of_two_that_replace_unfinished_work_the_winners_page_is_shown(differences: str, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert echo(*flags(differences, out), ECHO_FAILS="3", ECHO_PAGE="unfinished").returncode == 0
    assert page(out) == "unfinished"
    lost = echo(*flags(differences, out), ECHO_PAGE="of the loser", ECHO_MEANWHILE=other("of the winner"))
    assert lost.returncode == 0, lost.stderr
    assert page(out) == "of the winner"


def test_who_shows_the_pages_of_replaced_work_leaves_those_of_the_manifest(differences: str, tmp_path: Path) -> None:
    out = tmp_path / "out"
    echo(*flags(differences, out), ECHO_FAILS="3", ECHO_PAGE="unfinished")
    replaced = fetch_manifest(str(out))
    echo(*flags(differences, out), ECHO_PAGE="finished")
    show_pages(Store.at(str(out)), replaced)
    assert page(out) == "finished"


def test_an_execution_that_ends_before_its_manifest_shows_no_page(differences: str, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert echo(*flags(differences, out), ECHO_FAILS="3", ECHO_PAGE="unfinished").returncode == 0
    before = echo(*flags(differences, out), ECHO_FAILS="0", ECHO_PAGE="half", ECHO_ENDS="1")
    assert before.returncode == 75
    assert page(out) == "unfinished"


def test_an_execution_that_ended_right_after_its_manifest_is_completed(differences: str, tmp_path: Path) -> None:
    out = tmp_path / "out"
    first = echo(*flags(differences, out), ECHO_PAGE="whole")
    (out / "report.html").unlink()
    again = echo(*flags(differences, out))
    assert "already done" in again.stderr
    assert again.stdout == first.stdout
    assert page(out) == "whole"


def test_a_page_that_is_missing_is_damage_and_no_bug(differences: str, tmp_path: Path) -> None:
    out = tmp_path / "out"
    echo(*flags(differences, out), ECHO_PAGE="whole")
    next(out.glob("pages/*/report.html")).unlink()
    done = echo(*flags(differences, out))
    assert done.returncode == 2
    assert "report.html is missing" in done.stderr


@pytest.mark.parametrize(("kept", "code"), [(True, 0), (False, 2)])
def test_artefacts_of_earlier_versions_are_read(kept: bool, code: int, differences: str, tmp_path: Path) -> None:
    out = tmp_path / "out"
    first = echo(*flags(differences, out))
    manifest = fetch_manifest(str(out))
    fields = manifest.provenance.handoff
    if kept:
        (out / "handoff.json").write_bytes(canonical_json(fields))
    manifest.provenance.ClearField("handoff")
    (out / "manifest.json").write_bytes(canonical_json(manifest))
    again = echo(*flags(differences, out))
    assert again.returncode == code, again.stderr
    assert again.stdout == (first.stdout if kept else "")
