"""Tests the calls of crane, by a program in its place."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path.cwd().parent / "rules_oci/oci/private"))

import layout
import push


@pytest.fixture
def image(tmp_path):
    folder = tmp_path / "image"
    layout.start(folder)
    layout.finish(folder, layout.put(folder, {}, layout.MANIFEST))
    return folder


@pytest.fixture
def run(tmp_path, image):
    """Runs push, and returns its exit code and the calls of crane."""
    crane, log = tmp_path / "crane", tmp_path / "log"
    crane.write_text(f'#!/bin/bash\necho "$@" >>{log}\n[[ $* != *refused* ]]\n')
    crane.chmod(0o755)

    def push_(*arguments):
        code = push.main(["--crane", str(crane), "--image", str(image), *arguments])
        return code, log.read_text().splitlines()

    return push_


def test_flags_go_to_crane(image, run):
    reference = f"r.example/a@{layout.root(image)['digest']}"
    code, calls = run("-r", "r.example/a", "--tag", "1", "-t", "latest", "--insecure", "--index")
    assert code == 0
    assert calls == [
        f"push {image} {reference} --insecure --index",
        f"tag {reference} 1 --insecure",
        f"tag {reference} latest --insecure",
    ]


def test_tags_of_the_file_come_after_those_of_flags(tmp_path, run):
    (tmp_path / "tags").write_text("2\n\n1\n")
    _, calls = run("-r", "r.example/a", "-t", "1", "--tags-file", str(tmp_path / "tags"))
    assert [call.split()[2] for call in calls[1:]] == ["1", "2"]


def test_a_refused_push_tags_nothing(run):
    code, calls = run("-r", "r.example/refused", "-t", "1")
    assert code == 1
    assert len(calls) == 1


def test_a_repository_is_needed(image):
    with pytest.raises(SystemExit, match="no repository: use --repository"):
        push.main(["--crane", "crane", "--image", str(image)])
