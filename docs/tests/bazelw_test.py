"""On a system that is not Debian 12, bazelw says so in one sentence and starts nothing."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from links_test import anchors
from pages import ROOT, pages


@pytest.mark.parametrize(
    ("described", "named"),
    [
        ('ID=ubuntu\nVERSION_ID="24.04"\n', "ubuntu 24.04"),
        ('ID=debian\nVERSION_ID="13"\n', "debian 13"),
        ("ID=arch\n", "arch"),
        (None, os.uname().sysname),
    ],
)
def test_another_system_is_refused_at_once(described: str | None, named: str, tmp_path: Path) -> None:
    if described is not None:
        (tmp_path / "os-release").write_text(described, encoding="utf-8")
    environment = {"PATH": os.environ["PATH"], "SQ_OS_RELEASE": str(tmp_path / "os-release")}
    done = subprocess.run([ROOT / "bazelw", "version"], env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    (sentence,) = done.stderr.splitlines()
    assert f"this system is {named}" in sentence
    path, _, anchor = sentence.rpartition(" ")[2].partition("#")
    (page,) = (page for page in pages() if page.path == path)
    assert anchor in anchors(page)
