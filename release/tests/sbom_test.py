"""Bills of materials list the content of their images."""

import email
import json
import re
from functools import cache
from pathlib import Path, PurePosixPath
from urllib.parse import unquote

import pytest
from packaging.tags import parse_tag
from packaging.utils import canonicalize_name, parse_wheel_filename
from spdx_tools.spdx.parser.parse_anything import parse_file
from spdx_tools.spdx.validation.document_validator import validate_full_spdx_document

from release.tests.built import DEBIAN, PYTHON, RELEASES


def bill(name):
    return json.loads(RELEASES[name].sbom.read_text())


def parts(name, kind):
    """The packages of a bill with one kind of purl, by their names."""
    return {
        part["name"]: part
        for part in bill(name)["packages"]
        if part["externalRefs"][0]["referenceLocator"].startswith(f"pkg:{kind}/")
    }


def purls(name):
    return {part["externalRefs"][0]["referenceLocator"] for part in bill(name)["packages"][1:]}


def sha256(part):
    ((algorithm, value),) = [(one["algorithm"], one["checksumValue"]) for one in part["checksums"]]
    assert algorithm == "SHA256"
    return value


@cache
def installed_tags(name):
    """What the wheels in an image say they fit, by the name of the wheel."""
    return {
        canonicalize_name(path.parent.name.split("-")[0]): {
            tag for line in email.message_from_bytes(data).get_all("Tag") for tag in parse_tag(line)
        }
        for layer in RELEASES[name].image.layers
        for entry, data in layer.entries()
        if (path := PurePosixPath(entry.name)).name == "WHEEL" and path.parent.name.endswith(".dist-info")
    }


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


@pytest.mark.parametrize("name", RELEASES)
def test_the_document_is_valid(name):
    found = validate_full_spdx_document(parse_file(str(RELEASES[name].sbom)))
    assert [one.validation_message for one in found] == []


@pytest.mark.parametrize("name", PYTHON)
def test_each_wheel_has_the_file_that_is_installed_and_that_the_lock_allows(name):
    pins = "".join(path.read_text() for path in RELEASES[name].requirements)
    tags = installed_tags(name)
    wheels = parts(name, "pypi")
    assert len(wheels) == len(tags) > 5
    for wheel, part in wheels.items():
        (lines,) = set(re.findall(rf"^{re.escape(wheel)}==(?:.*\\\n)*.*$", pins, re.MULTILINE))
        own, version, _, fits = parse_wheel_filename(part["packageFileName"])
        assert (own, str(version)) == (canonicalize_name(wheel), part["versionInfo"])
        assert fits == tags[own]
        assert f"--hash=sha256:{sha256(part)}" in lines


@pytest.mark.parametrize("name", DEBIAN)
def test_each_debian_package_has_the_file_of_the_lock(name):
    lock = {one["package"]: one for one in json.loads(Path("bazel/debian/lock.json").read_text())}
    for package, part in parts(name, "deb").items():
        assert sha256(part) == lock[package]["sha256"]
        assert lock[package]["filename"].endswith("/" + part["packageFileName"])


@pytest.mark.parametrize(
    ("package", "licence"),
    [
        ("certifi", "MPL-2.0"),
        ("numpy", "BSD-3-Clause AND 0BSD AND MIT AND Zlib AND CC0-1.0"),
        ("protobuf", "BSD-3-Clause"),
        ("scipy", "NOASSERTION"),
        ("zlib1g", "Zlib"),
        ("libssl3", "Apache-2.0 AND (LicenseRef-Debian-libssl3-Artistic OR GPL-1.0-or-later)"),
        ("libc6", "NOASSERTION"),
        ("libgcc-s1", "NOASSERTION"),
    ],
)
def test_licences_are_those_that_packages_declare(package, licence):
    found = {**parts("sq-report", "pypi"), **parts("sq-report", "deb")}[package]
    assert found["licenseDeclared"] == licence
    assert found["licenseComments"]


def test_texts_of_licences_that_spdx_does_not_list():
    texts = {one["licenseId"]: one["extractedText"] for one in bill("sq-report")["hasExtractedLicensingInfos"]}
    used = {one for part in bill("sq-report")["packages"] for one in re.findall(r"LicenseRef-[\w.-]+", str(part))}
    assert used == set(texts)
    assert texts["LicenseRef-Debian-libexpat1-MIT"].startswith("Permission is hereby granted, free of charge")


def test_go_modules_have_the_sums_of_go_sum():
    sums = {tuple(line.split()[:2]): line.split()[2] for line in Path("go.sum").read_text().splitlines()}
    modules = parts("sq-retrieve", "golang")
    del modules["stdlib"]
    for module, part in modules.items():
        assert part["externalRefs"][1] == {
            "referenceCategory": "OTHER",
            "referenceType": "go-sum",
            "referenceLocator": sums[module, part["versionInfo"]],
        }
        assert "checksums" not in part
        assert part["licenseDeclared"] == "NOASSERTION"
