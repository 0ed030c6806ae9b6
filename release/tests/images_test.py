"""What every image has to be, whatever its stage."""

import importlib.util
import re
import sys
from functools import cache
from pathlib import Path, PurePosixPath

import pytest
from google.protobuf import text_format

from release.layouts import Image
from release.tests.built import IMAGES
from sq.v1.stage_contract_pb2 import StageContract

CONTRACTS = {
    "sq-generate": ["stages/generate_py/stage.textproto"],
    "sq-retrieve": ["stages/retrieve_go/stage.textproto"],
    "sq-evaluate": ["stages/evaluate_py/stage.textproto"],
    "sq-ner-diff": ["stages/ner_diff_py/stage.textproto"],
    "sq-report": ["stages/report_py/stage.textproto", "stages/report_py/consolidate/stage.textproto"],
}
PYTHON = ["sq-generate", "sq-evaluate", "sq-ner-diff", "sq-report", "sq-ner"]
_PIN = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", re.MULTILINE)


@cache
def image(name):
    return Image.open(Path("release") / name)


@cache
def entries(layer):
    return {entry.name: (entry, data) for entry, data in layer.entries()}


def files(name):
    merged = {}
    for layer in image(name).layers:
        merged.update(entries(layer))
    return merged


def contract(path):
    return text_format.Parse(Path(path).read_text(), StageContract())


@pytest.mark.parametrize("name", CONTRACTS)
def test_image_is_what_its_contract_says(name):
    first = contract(CONTRACTS[name][0])
    run = image(name).config["config"]
    assert first.image == name
    assert run["Entrypoint"] == list(first.entrypoint)
    assert "Cmd" not in run
    assert run["Labels"]["org.opencontainers.image.title"] == name
    assert run["Labels"]["org.opencontainers.image.description"] == first.summary


@pytest.mark.parametrize(("name", "path"), [(name, path) for name, paths in CONTRACTS.items() for path in paths])
def test_entry_point_of_each_contract_is_a_program(name, path):
    found = contract(path)
    assert found.image == name
    entry, _ = files(name)[f"app/bin/{found.entrypoint[0]}"]
    assert entry.mode == 0o755
    assert entry.size > 0


@pytest.mark.parametrize("path", [path for paths in CONTRACTS.values() for path in paths])
def test_sq_all_has_every_program(path):
    assert f"app/bin/{contract(path).entrypoint[0]}" in files("sq-all")


@pytest.mark.parametrize("name", [name for name in PYTHON if name in CONTRACTS])
def test_contract_in_the_image_is_the_stages(name):
    package = name.replace("-", "_")
    assert files(name)[f"app/{package}/stage.textproto"][1] == Path(CONTRACTS[name][0]).read_bytes()


@pytest.mark.parametrize("name", IMAGES)
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


@pytest.mark.parametrize("name", IMAGES)
def test_user_is_in_passwd(name):
    assert b"nonroot:x:65532:65532:" in files(name)["etc/passwd"][1]
    assert files(name)["tmp"][0].mode == 0o1777


@pytest.mark.parametrize("name", IMAGES)
def test_scanners_find_the_distribution(name):
    found = files(name)
    assert b'VERSION_ID="12"' in found["usr/lib/os-release"][1]
    for package in ("base-files", "ca-certificates", "tzdata"):
        assert f"Package: {package}\n".encode() in found[f"var/lib/dpkg/status.d/{package}"][1]


@pytest.mark.parametrize("name", IMAGES)
def test_no_shell(name):
    shells = {"ash", "bash", "busybox", "dash", "sh", "zsh"}
    assert not [path for path in files(name) if PurePosixPath(path).name in shells]


@pytest.mark.parametrize("name", IMAGES)
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
            # Paths of the machine that built it.
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
def test_wheels_are_those_of_the_lock(name):
    lock = Path(f"bazel/image/locks/{name.removeprefix('sq-')}.lock").read_text()
    wanted = {(re.sub(r"[-_.]+", "-", one).lower(), version) for one, version in _PIN.findall(lock)}
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


def test_images_share_layers():
    first, *others = [{layer.digest for layer in image(name).layers} for name in PYTHON]
    shared = first.intersection(*others)
    # system, accounts, libraries, interpreter, common wheels, wheels of text
    assert len(shared) == 6
