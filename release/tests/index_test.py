"""The index of sq-retrieve in a registry: two processors, told apart by what the programs and packages are."""

import json
import struct
from pathlib import Path

import pytest

from release.layouts import Image
from release.tests import releasing

REPOSITORY = "team/search/sq-retrieve"
PUSH = Path("stages/retrieve_go/push_image.index.push.sh").absolute()
PROGRAM = "app/bin/sq-retrieve"
# e_machine of ELF.
MACHINES = {"amd64": 62, "arm64": 183}
_PT_INTERP = 3


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    with releasing.bare_site(tmp_path_factory.mktemp("site")) as made:
        where = f"{made.server.address}/{REPOSITORY}"
        made.run(PUSH, "--repository", where, "--tag", "1.0.0", "--insecure")
        yield made


@pytest.fixture(scope="module")
def index(site):
    """Architecture to the entry of the index."""
    found = json.loads(
        site.regctl("manifest", "get", "--format", "raw-body", f"{site.server.address}/{REPOSITORY}:1.0.0")
    )
    assert found["mediaType"] == "application/vnd.oci.image.index.v1+json"
    assert {one["platform"]["os"] for one in found["manifests"]} == {"linux"}
    return {one["platform"]["architecture"]: one for one in found["manifests"]}


def pulled(site, architecture, folder):
    """The image that a machine of this architecture pulls, as an OCI layout."""
    where = f"{site.server.address}/{REPOSITORY}:1.0.0"
    site.run(releasing.CRANE, "pull", "--format=oci", f"--platform=linux/{architecture}", "--insecure", where, folder)
    return Image.open(folder)


def elf(data):
    """Machine, and types of the program headers, of a 64-bit little-endian ELF file."""
    assert data[:6] == b"\x7fELF\x02\x01"
    machine = struct.unpack_from("<H", data, 18)[0]
    offset, size, count = struct.unpack_from("<Q", data, 32)[0], *struct.unpack_from("<HH", data, 54)
    return machine, {struct.unpack_from("<I", data, offset + number * size)[0] for number in range(count)}


def test_the_index_has_both(index):
    assert set(index) == set(MACHINES)


def test_amd64_is_the_released_image(index):
    assert index["amd64"]["digest"] == Path("stages/retrieve_go/image.json.sha256").read_text().strip()


@pytest.mark.parametrize("architecture", MACHINES)
def test_what_a_machine_pulls_is_for_it(site, index, architecture, tmp_path):
    image = pulled(site, architecture, tmp_path / "layout")
    assert image.digest == index[architecture]["digest"]
    assert (image.config["architecture"], image.config["os"]) == (architecture, "linux")
    files = {entry.name: data for layer in image.layers for entry, data in layer.entries()}
    machine, headers = elf(files[PROGRAM])
    assert machine == MACHINES[architecture]
    assert _PT_INTERP not in headers, "the program is not static"
    packages = [data.decode() for path, data in files.items() if path.startswith("var/lib/dpkg/status.d/")]
    named = [line for text in packages for line in text.splitlines() if line.startswith("Architecture: ")]
    assert set(named) == {f"Architecture: {architecture}", "Architecture: all"}


def test_the_two_differ_in_nothing_else(site, tmp_path):
    one, other = (pulled(site, name, tmp_path / name) for name in MACHINES)
    assert one.config["config"] == other.config["config"]
    trees = [{entry.name for layer in image.layers for entry, _ in layer.entries()} for image in (one, other)]
    assert trees[0] == trees[1]
