"""Bills of materials list the content of their images."""

import json
import re
from pathlib import PurePosixPath
from urllib.parse import unquote

import pytest

from release.tests.built import DEBIAN, RELEASES


def bill(name):
    return json.loads(RELEASES[name].sbom.read_text())


def purls(name):
    return {part["externalRefs"][0]["referenceLocator"] for part in bill(name)["packages"][1:]}


def paths(name):
    return {entry.name for layer in RELEASES[name].image.layers for entry, _ in layer.entries()}


@pytest.mark.parametrize("name", RELEASES)
def test_subject_is_the_image(name):
    subject = bill(name)["packages"][0]
    assert subject["name"] == name
    assert "sha256:" + subject["checksums"][0]["checksumValue"] == RELEASES[name].image.digest


@pytest.mark.parametrize("name", RELEASES)
def test_ids_and_relations_fit(name):
    document = bill(name)
    ids = [part["SPDXID"] for part in document["packages"]]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"SPDXRef-[A-Za-z0-9.-]+", one) for one in ids)
    contained = [
        one["relatedSpdxElement"] for one in document["relationships"] if one["relationshipType"] == "CONTAINS"
    ]
    assert contained == ids[1:]


@pytest.mark.parametrize("name", DEBIAN)
def test_debian_packages_and_wheels_are_those_in_the_layers(name):
    found = paths(name)
    status = {PurePosixPath(path).name for path in found if "dpkg/status.d/" in path and not path.endswith(".md5sums")}
    listed = {
        unquote(re.match(r"pkg:deb/debian/([^@]+)@", one)[1]) for one in purls(name) if one.startswith("pkg:deb/")
    }
    assert listed == status
    infos = {PurePosixPath(path).parts[2] for path in found if ".dist-info/" in path}
    wheels = {one.removeprefix("pkg:pypi/").replace("-", "_") for one in purls(name) if one.startswith("pkg:pypi/")}
    assert len(wheels) == len(infos)


@pytest.mark.parametrize("name", ["sq-retrieve", "sq-all"])
def test_go_modules_are_listed(name):
    modules = [one for one in purls(name) if one.startswith("pkg:golang/")]
    assert any(one.startswith("pkg:golang/google.golang.org/protobuf@v") for one in modules)
    assert any(one.startswith("pkg:golang/stdlib@v1.") for one in modules)


def test_a_program_of_the_standard_library_alone():
    subject, *parts = bill("sq-xcom-sidecar")["packages"]
    assert subject["name"] == "sq-xcom-sidecar"
    assert [part["name"] for part in parts] == ["stdlib"]
