"""Every failure leads to a heading of the runbook, and the table of sentences knows it."""

import json
import re
from pathlib import Path

import pytest

from sq_airflow import runbook as runbook_module
from sq_airflow.failure import Failure

_SOURCE = Path(runbook_module.__file__).parent
_KINDS = re.compile(r"""(?:Failure\(\s*|KIND = |NOTHING = )"([a-z-]+)\"""")


def kinds():
    found = {kind for path in _SOURCE.glob("*.py") for kind in _KINDS.findall(path.read_text(encoding="utf-8"))}
    assert len(found) > 25, "the pattern finds no kinds"
    return sorted(found)


@pytest.mark.parametrize("kind", kinds())
def test_each_kind_has_a_heading_and_a_row(kind, runbook):
    assert f"\n## {kind}\n" in runbook
    assert f"[{kind}](#{kind})" in runbook


@pytest.fixture
def settings(monkeypatch, tmp_path, data):
    def settings(**fields):
        given = json.loads((data / "settings.json").read_text()) | fields
        (tmp_path / "settings.json").write_text(json.dumps(given))
        monkeypatch.setenv("SQ_AIRFLOW_SETTINGS", str(tmp_path / "settings.json"))
        runbook_module._url.cache_clear()

    yield settings
    monkeypatch.undo()
    runbook_module._url.cache_clear()


def last_line(kind="oomkilled"):
    return str(Failure(kind, "It failed.", retry=False).error("x")).splitlines()[-1].strip()


def test_the_settings_make_a_link_of_it(settings):
    settings(runbook_url="https://wiki.example/search/runbook")
    assert last_line() == "see https://wiki.example/search/runbook#oomkilled"


def test_broken_settings_do_not_hide_why_a_task_failed(settings):
    settings(runbook_url=5)
    assert last_line() == "see docs/runbook.md#oomkilled"
