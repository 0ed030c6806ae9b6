"""Checks that hold for every image."""

import importlib.util
import re
import subprocess
import sys
from functools import cache
from pathlib import Path, PurePosixPath

import pytest
from google.protobuf import text_format

from release.tests.built import DEBIAN, PYTHON, RELEASES
from sq.v1.stage_contract_pb2 import StageContract

CONTRACTS = {
    path: text_format.Parse(path.read_text(), StageContract()) for path in Path("stages").rglob("stage.textproto")
}
# Those whose program is called like the image, which starts it.
FIRST = {contract.image: path for path, contract in CONTRACTS.items() if contract.image == contract.entrypoint[0]}
# Images that start a program for people. A DAG names the program of a stage.
OTHERS = {"sq-predict", "sq-train"}
_PIN = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", re.MULTILINE)


def image(name):
    return RELEASES[name].image


@cache
def entries(layer):
    return {entry.name: (entry, data) for entry, data in layer.entries()}


def files(name):
    merged = {}
    for layer in image(name).layers:
        merged.update(entries(layer))
    return merged


def test_every_stage_has_an_image():
    assert {contract.image for contract in CONTRACTS.values()} == set(FIRST) | OTHERS
    assert set(FIRST) | OTHERS < set(RELEASES)


@pytest.mark.parametrize("name", sorted(OTHERS))
def test_image_of_models_starts_the_program_that_is_called_like_it(name):
    run = image(name).config["config"]
    assert run["Entrypoint"] == [name]
    assert "SQ_KEYS=/keys" in run["Env"]
    assert files(name)[f"app/bin/{name}"][0].mode == 0o755


def test_image_for_pictures_is_the_stage_with_pillow():
    plain, more = files("sq-evaluate"), files("sq-evaluate-pictures")
    assert any(name.startswith("app/site/PIL/_imaging.") for name in more)
    assert not any(name.startswith("app/site/PIL/") for name in plain)
    assert set(plain) - set(more) == set()
    assert image("sq-evaluate-pictures").config["config"]["Entrypoint"] == ["sq-evaluate"]


def test_image_that_trains_has_the_embedding():
    found = files("sq-train")
    assert found["app/minilm/files/embedding.onnx"][0].size > 20_000_000
    assert "app/minilm/files/tokenizer.json" in found


@pytest.mark.parametrize("name", FIRST)
def test_image_is_what_its_contract_says(name):
    first = CONTRACTS[FIRST[name]]
    run = image(name).config["config"]
    assert run["Entrypoint"] == list(first.entrypoint)
    assert "Cmd" not in run
    assert run["Labels"]["org.opencontainers.image.title"] == name
    assert run["Labels"]["org.opencontainers.image.description"] == first.summary


@pytest.mark.parametrize("path", CONTRACTS, ids=str)
def test_entry_point_of_each_contract_is_a_program(path):
    found = CONTRACTS[path]
    entry, _ = files(found.image)[f"app/bin/{found.entrypoint[0]}"]
    assert entry.mode == 0o755
    assert entry.size > 0


@pytest.mark.parametrize("path", CONTRACTS, ids=str)
def test_program_starts_with_the_wheels_of_its_image(tmp_path, path):
    """If a wheel is missing from the image, the message names the module."""
    found = CONTRACTS[path]
    for place, (entry, data) in files(found.image).items():
        if entry.isreg() and place.startswith("app/"):
            (tmp_path / place).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / place).write_bytes(data)
            (tmp_path / place).chmod(entry.mode)
    program = tmp_path / "app/bin" / found.entrypoint[0]
    # The image has none of the packages of this interpreter either.
    command = ["/usr/bin/python3.11", "-P", "-s", "-S", program] if found.image in PYTHON else [program]
    environment = {"PYTHONPATH": f"{tmp_path}/app:{tmp_path}/app/site", "HOME": str(tmp_path)}
    done = subprocess.run([*command, "--help"], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "-run-id" in done.stdout + done.stderr


@pytest.mark.parametrize("path", [path for path, found in CONTRACTS.items() if found.image not in OTHERS], ids=str)
def test_sq_all_has_every_program_of_the_pipeline(path):
    assert f"app/bin/{CONTRACTS[path].entrypoint[0]}" in files("sq-all")


@pytest.mark.parametrize("name", [name for name in PYTHON if name in FIRST])
def test_contract_in_the_image_is_the_stages(name):
    package = name.replace("-", "_")
    assert files(name)[f"app/{package}/stage.textproto"][1] == FIRST[name].read_bytes()


@pytest.mark.parametrize("name", DEBIAN)
def test_configuration(name):
    config = image(name).config
    assert config["created"] == "1970-01-01T00:00:00Z"
    assert (config["os"], config["architecture"]) == ("linux", "amd64")
    assert config["config"]["User"] == "65532:65532"
    labels = config["config"]["Labels"]
    assert {key.removeprefix("org.opencontainers.image.") for key in labels} == {
        "base.name",
        "description",
        "title",
        "vendor",
        "version",
    }
    assert len(config["rootfs"]["diff_ids"]) == len(image(name).layers)


@pytest.mark.parametrize("name", DEBIAN)
def test_user_is_in_passwd(name):
    assert b"nonroot:x:65532:65532:" in files(name)["etc/passwd"][1]
    assert files(name)["tmp"][0].mode == 0o1777


@pytest.mark.parametrize("name", DEBIAN)
def test_scanners_find_the_distribution(name):
    found = files(name)
    assert b'VERSION_ID="12"' in found["usr/lib/os-release"][1]
    for package in ("base-files", "ca-certificates", "tzdata"):
        assert f"Package: {package}\n".encode() in found[f"var/lib/dpkg/status.d/{package}"][1]


@pytest.mark.parametrize("name", DEBIAN)
def test_no_shell(name):
    shells = {"ash", "bash", "busybox", "dash", "sh", "zsh"}
    assert not [path for path in files(name) if PurePosixPath(path).name in shells]


@pytest.mark.parametrize("name", DEBIAN)
def test_layers_depend_on_their_files_alone(name):
    for layer in image(name).layers:
        paths = list(entries(layer))
        assert paths == sorted(paths)
        for path, (entry, data) in entries(layer).items():
            assert (entry.mtime, entry.uname, entry.gname) == (0, "", ""), path
            assert (entry.uid, entry.gid) == ((65532, 65532) if path == "home/nonroot" else (0, 0)), path
            assert not entry.mode & 0o6000, f"{path} is setuid or setgid"
            if not entry.issym() and not entry.mode & 0o1000:
                assert not entry.mode & 0o022, f"{path} can be written by others"
            # Paths of the build machine.
            for trace in (b"/execroot/sq", b"/sandbox/linux-sandbox/", b"_bazel_"):
                assert trace not in data, f"{path} has {trace}"


@pytest.mark.parametrize("name", PYTHON)
def test_byte_code_needs_no_check(name):
    found = files(name)
    missing = []
    for path, (entry, source) in found.items():
        place = PurePosixPath(path)
        if not entry.isreg() or place.suffix != ".py" or place.parts[0] not in ("app", "usr"):
            continue
        code = found.get(str(place.parent / "__pycache__" / f"{place.stem}.{sys.implementation.cache_tag}.pyc"))
        if not code:
            missing.append(path)
            continue
        assert code[1][:4] == importlib.util.MAGIC_NUMBER
        assert int.from_bytes(code[1][4:8], "little") == 0b01, f"{path}: not unchecked"
        assert code[1][8:16] == importlib.util.source_hash(source), path
    # Templates of numpy's and the standard library's tools that are no Python 3.
    assert not [path for path in missing if not path.startswith(("app/site/", "usr/lib/python3.11/lib2to3/"))]


@pytest.mark.parametrize("name", PYTHON)
def test_wheels_are_those_of_the_requirements(name):
    pins = [pin for path in RELEASES[name].requirements for pin in _PIN.findall(path.read_text())]
    wanted = {(re.sub(r"[-_.]+", "-", one).lower(), version) for one, version in pins}
    infos = {PurePosixPath(path).parts[2] for path in files(name) if ".dist-info/" in path}
    found = set()
    for info in infos:
        one, version = info.removesuffix(".dist-info").rsplit("-", 1)
        found.add((re.sub(r"[-_.]+", "-", one).lower(), version))
    assert found == wanted


@pytest.mark.parametrize("lock", sorted(Path("bazel/image/locks").glob("*.lock")), ids=lambda path: path.stem)
def test_locks_of_images_are_subsets_of_the_stages_lock(lock):
    stages = dict(_PIN.findall(Path("bazel/python/locks/stages.lock").read_text()))
    for name, version in _PIN.findall(lock.read_text()):
        assert stages.get(name) == version


def test_python_images_share_their_lowest_layers():
    # System, accounts, libraries, interpreter, common wheels.
    assert len({tuple(layer.digest for layer in image(name).layers[:5]) for name in PYTHON}) == 1
    assert "app/site/zstandard/__init__.py" in entries(image(PYTHON[0]).layers[4])


def test_a_wheel_is_in_one_layer():
    """A wheel that two images need belongs to a shared layer: SHARED_WHEELS in bazel/image/contents.bzl."""
    layers = {}
    for layer in {layer for name in PYTHON for layer in image(name).layers}:
        for info in {PurePosixPath(path).parts[2] for path in entries(layer) if ".dist-info/" in path}:
            layers.setdefault(info, []).append(layer.digest)
    assert layers
    assert {info: found for info, found in layers.items() if len(found) > 1} == {}
