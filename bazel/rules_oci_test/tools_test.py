"""Tests the tools on input that no BUILD file can give them."""

import gzip
import json
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path.cwd().parent / "rules_oci/oci/private"))

import assemble
import copy_layout
import describe
import index
import layout
import load


def image(folder, *flags):
    assemble.assemble(assemble.parser().parse_args(["--output", str(folder), *map(str, flags)]))
    return folder


def scratch(folder, *flags):
    return image(folder, "--os", "linux", "--architecture", "amd64", *flags)


@pytest.mark.parametrize(
    ("value", "expanded"),
    [
        ("$A", "1"),
        ("${A}", "1"),
        ("x${A}y$B-", "x1y2-"),
        ("$A$A", "11"),
        ("100%", "100%"),
        ("$", "$"),
        ("a $ b", "a $ b"),
    ],
)
def test_env_is_expanded(value, expanded):
    assert assemble.merge_env(["A=1", "B=2"], [("C", value)])[-1] == f"C={expanded}"


def test_env_without_value_in_base_is_kept():
    assert assemble.merge_env(["EMPTY="], [("A", "[$EMPTY]")]) == ["EMPTY=", "A=[]"]


def test_env_refuses_an_unknown_variable():
    with pytest.raises(layout.LayoutError, match=r"C uses \$MISSING"):
        assemble.merge_env(["A=1"], [("C", "$MISSING")])


@pytest.mark.parametrize("line", ["no equals sign", "=no key"])
def test_pairs_name_the_line(tmp_path, line):
    (tmp_path / "labels").write_text(f"fine=1\n{line}\n")
    with pytest.raises(layout.LayoutError, match=line):
        assemble.pairs_of(tmp_path / "labels")


@pytest.mark.parametrize("text", ["", "yesterday", "1970-01-01", "1970-01-01T00:00:00"])
def test_created_is_a_time(tmp_path, text):
    (tmp_path / "created").write_text(text)
    with pytest.raises(layout.LayoutError, match="not an RFC 3339 time"):
        scratch(tmp_path / "image", "--created", tmp_path / "created")


def test_gzip_of_several_members(tmp_path):
    (tmp_path / "layer").write_bytes(gzip.compress(b"one") + gzip.compress(b"two"))
    (tmp_path / "plain").write_bytes(b"onetwo")
    found = describe.describe(tmp_path / "layer")
    assert found["compression"] == "gzip"
    assert found["diff_id"] == describe.describe(tmp_path / "plain")["diff_id"]


def test_docker_base_gets_docker_layers(tmp_path):
    base = scratch(tmp_path / "base")
    manifest = json.loads(layout.read_blob(base, layout.root(base)))
    manifest["mediaType"] = layout.DOCKER_MANIFEST
    layout.finish(base, layout.put(base, manifest, layout.DOCKER_MANIFEST))
    (tmp_path / "layer.tar").write_bytes(gzip.compress(b"x"))
    (tmp_path / "d.json").write_text(json.dumps(describe.describe(tmp_path / "layer.tar")))
    derived = image(tmp_path / "derived", "--base", base, "--layer", tmp_path / "layer.tar", tmp_path / "d.json")
    descriptor = layout.root(derived)
    assert descriptor["mediaType"] == layout.DOCKER_MANIFEST
    (layer,) = json.loads(layout.read_blob(derived, descriptor))["layers"]
    assert layer["mediaType"] == "application/vnd.docker.image.rootfs.diff.tar.gzip"


def test_an_index_is_no_base(tmp_path):
    index.build([scratch(tmp_path / "one")], tmp_path / "index")
    with pytest.raises(layout.LayoutError, match="is an index"):
        image(tmp_path / "derived", "--base", tmp_path / "index")


def test_index_refuses_a_platform_twice(tmp_path):
    with pytest.raises(layout.LayoutError, match="several for the platform"):
        index.build([scratch(tmp_path / "one"), scratch(tmp_path / "two")], tmp_path / "index")


def test_an_index_is_no_docker_archive(tmp_path):
    index.build([scratch(tmp_path / "one")], tmp_path / "index")
    with pytest.raises(layout.LayoutError, match="oci"):
        load.docker_manifest(tmp_path / "index", [])


def test_broken_blob_is_found(tmp_path):
    base = scratch(tmp_path / "base")
    layout.blob_path(base, layout.root(base)["digest"]).write_bytes(b"{}")
    with pytest.raises(layout.LayoutError, match="has other content"):
        image(tmp_path / "derived", "--base", base)


def test_pulled_layout_is_checked(tmp_path):
    base = scratch(tmp_path / "base")
    blobs = sorted((base / "blobs/sha256").iterdir())
    copy_layout.copy(base / "index.json", blobs, tmp_path / "copy")
    assert layout.root(tmp_path / "copy") == layout.root(base)
    config = json.loads(layout.read_blob(base, layout.root(base)))["config"]["digest"]
    rest = [blob for blob in blobs if not config.endswith(blob.name)]
    with pytest.raises(layout.LayoutError, match=config):
        copy_layout.copy(base / "index.json", rest, tmp_path / "incomplete")


@pytest.mark.parametrize(
    ("name", "full"),
    [
        ("sq:1", "docker.io/library/sq:1"),
        ("team/sq:1", "docker.io/team/sq:1"),
        ("registry.example/sq:1", "registry.example/sq:1"),
        ("localhost/sq:1", "localhost/sq:1"),
        ("host:5000/sq:1", "host:5000/sq:1"),
    ],
)
def test_names_get_the_registry_docker_means(name, full):
    assert load.full_name(name) == full
