"""What the engines ask of their own commands, which are scripts here that record their arguments and stdin."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from sq_cli.engines.containerd import Containerd
from sq_cli.engines.docker import Docker
from sq_cli.engines.podman import Podman
from sq_cli.images import Image
from sq_stagekit.errors import TryAgainError

DIGEST = "sha256:" + "1" * 64
RELEASED = Image("sq-report", DIGEST, None, f"localhost:5000/sq-report@{DIGEST}")

Script = Callable[[str, str], Callable[[], list[str]]]


@pytest.fixture
def script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Script:
    """Puts a command on PATH. Returns a function that lists the arguments of its calls."""

    def write(name: str, body: str) -> Callable[[], list[str]]:
        log = tmp_path / f"{name}.log"
        (tmp_path / name).write_text(f'#!/bin/sh\necho "$*" >>{log}\n{body}\n')
        (tmp_path / name).chmod(0o755)
        return lambda: log.read_text().splitlines()

    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    return write


@pytest.fixture
def layout(tmp_path: Path) -> Path:
    """The layout of an image without layers."""
    folder = tmp_path / "layout"
    (folder / "blobs/sha256").mkdir(parents=True)
    (folder / "blobs/sha256/config").write_text("{}")
    manifest = {"config": {"digest": "sha256:config"}, "layers": []}
    (folder / "blobs/sha256/manifest").write_text(json.dumps(manifest))
    (folder / "index.json").write_text(json.dumps({"manifests": [{"digest": "sha256:manifest"}]}))
    (folder / "oci-layout").write_text("{}")
    return folder


@pytest.mark.parametrize(
    ("engine", "removal"),
    [(Docker(), "rm --force a b"), (Podman(), "rm --force --ignore a b")],
    ids=["docker", "podman"],
)
def test_containers_left_by_a_run_are_removed(engine, removal: str, script: Script) -> None:
    calls = script(engine.name, '[ "$1" = ps ] && echo a b || true')
    engine.remove("sq-0-")
    assert calls() == ["ps --all --quiet --filter=name=^sq-0-", removal]


@pytest.mark.parametrize("engine", [Docker(), Podman()], ids=["docker", "podman"])
def test_nothing_is_removed_where_nothing_was_left(engine, script: Script) -> None:
    calls = script(engine.name, "")
    engine.remove("sq-0-")
    assert len(calls()) == 1


@pytest.mark.parametrize(
    ("engine", "pull"),
    [
        (Docker(), f"pull --quiet {RELEASED.reference}"),
        (Podman(), f"pull --quiet --tls-verify=false {RELEASED.reference}"),
        (Containerd(), f"images pull --plain-http {RELEASED.reference}"),
    ],
    ids=["docker", "podman", "ctr"],
)
def test_a_released_image_is_pulled_unless_the_engine_has_it(engine, pull: str, script: Script) -> None:
    calls = script(engine.name, 'case "$*" in *inspect*|*exists*) exit 1 ;; esac')
    assert engine.load(RELEASED) == RELEASED.reference
    assert calls()[1:] == [pull]


@pytest.mark.parametrize(
    ("engine", "command", "name"),
    [
        (Docker(), "load", f"sq-report:{'1' * 32}"),
        (Containerd(), "images import -", f"sq.local/sq-report:{'1' * 32}"),
    ],
    ids=["docker", "ctr"],
)
def test_a_layout_is_written_to_the_engine(
    engine, command: str, name: str, script: Script, layout: Path, tmp_path: Path
) -> None:
    body = f'case "$*" in *inspect*) exit 1 ;; *load*|*import*) cat >{tmp_path}/archive ;; esac'
    calls = script(engine.name, body)
    assert engine.load(Image("sq-report", DIGEST, layout)) == name
    assert calls()[1:] == [command]
    assert name.encode() in (tmp_path / "archive").read_bytes()


def test_a_command_that_fails_is_reported_with_its_words(script: Script) -> None:
    script("podman", 'echo "no space left on device" >&2; exit 125')
    with pytest.raises(TryAgainError, match="podman pull --quiet failed: no space left on device"):
        Podman().load(Image("sq-report", DIGEST, Path("/layouts/sq-report").parent))


def test_a_load_that_fails_is_reported_with_its_exit_code(script: Script, layout: Path) -> None:
    script("docker", 'case "$*" in *inspect*) exit 1 ;; *load*) exit 3 ;; esac')
    with pytest.raises(TryAgainError, match="docker load failed with exit code 3"):
        Docker().load(Image("sq-report", DIGEST, layout))
