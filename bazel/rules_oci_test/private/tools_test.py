"""Tests the tools on input that no BUILD file can give them, and the messages of actions that fail."""

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
        ("$MISSING", ""),
        ("[${MISSING}]", "[]"),
        # The original's expression takes a brace without its other half, too.
        ("$A}", "1"),
        ("100%", "100%"),
        ("$", "$"),
        ("a $ b", "a $ b"),
    ],
)
def test_env_is_expanded(value, expanded):
    assert assemble.merge_env(["A=1", "B=2"], [("C", value)])[-1] == f"C={expanded}"


def test_env_without_value_in_base_is_kept():
    assert assemble.merge_env(["EMPTY="], [("A", "[$EMPTY]")]) == ["EMPTY=", "A=[]"]


@pytest.mark.parametrize("text", ["\n", "A=1\n\nB=2\n", "A=1\n\n"])
def test_env_has_no_empty_line(tmp_path, text):
    (tmp_path / "env").write_text(text)
    with pytest.raises(layout.LayoutError, match="empty line"):
        assemble.env_of(tmp_path / "env")


@pytest.mark.parametrize("line", ["no equals sign", "=no key"])
def test_pairs_name_the_line(tmp_path, line):
    (tmp_path / "labels").write_text(f"fine=1\n{line}\n")
    with pytest.raises(layout.LayoutError, match=line):
        layout.pairs_of(tmp_path / "labels")


@pytest.mark.parametrize("text", ["", "yesterday", "1970-01-01", "1970-01-01T00:00:00", "1970-01-01T00:00:00Z\n"])
def test_created_is_a_time(tmp_path, text):
    (tmp_path / "created").write_text(text)
    with pytest.raises(layout.LayoutError, match="not an RFC 3339 time"):
        scratch(tmp_path / "image", "--created", tmp_path / "created")


@pytest.mark.parametrize("attribute", ["exposed_ports", "volumes"])
@pytest.mark.parametrize("text", ["80\n", "80\n90", "80, 90", "80,,90", "\n"])
def test_names_are_separated_by_commas_alone(tmp_path, attribute, text):
    (tmp_path / "names").write_text(text)
    with pytest.raises(layout.LayoutError, match=f"^{attribute}: .* separate the names by commas alone"):
        scratch(tmp_path / "image", f"--{attribute}", tmp_path / "names")


def test_names_of_a_file(tmp_path):
    (tmp_path / "names").write_text("80/tcp,90")
    assert assemble.names_of(tmp_path / "names", "exposed_ports") == {"80/tcp": {}, "90": {}}
    (tmp_path / "names").write_text("")
    assert assemble.names_of(tmp_path / "names", "exposed_ports") == {}


def test_a_layer_is_no_directory(tmp_path):
    with pytest.raises(SystemExit, match="tars: //app:files is a directory"):
        describe.describe(tmp_path, "//app:files")


def test_gzip_of_several_members(tmp_path):
    (tmp_path / "layer").write_bytes(gzip.compress(b"one") + gzip.compress(b"two"))
    (tmp_path / "plain").write_bytes(b"onetwo")
    found = describe.describe(tmp_path / "layer", "//a:layer")
    assert found["compression"] == "gzip"
    assert found["diff_id"] == describe.describe(tmp_path / "plain", "//a:plain")["diff_id"]


def test_docker_base_gets_docker_layers(tmp_path):
    base = scratch(tmp_path / "base")
    manifest = json.loads(layout.read_blob(base, layout.root(base)))
    manifest["mediaType"] = layout.DOCKER_MANIFEST
    layout.finish(base, layout.put(base, manifest, layout.DOCKER_MANIFEST))
    (tmp_path / "layer.tar").write_bytes(gzip.compress(b"x"))
    (tmp_path / "d.json").write_text(json.dumps(describe.describe(tmp_path / "layer.tar", "//a:layer")))
    derived = image(tmp_path / "derived", "--base", base, "--layer", tmp_path / "layer.tar", tmp_path / "d.json")
    descriptor = layout.root(derived)
    config = layout.config_of(derived, json.loads(layout.read_blob(derived, descriptor)))
    assert config["history"] == [{"created": "1970-01-01T00:00:00Z", "created_by": "bazel build //a:layer"}]
    assert descriptor["mediaType"] == layout.DOCKER_MANIFEST
    (layer,) = json.loads(layout.read_blob(derived, descriptor))["layers"]
    assert layer["mediaType"] == "application/vnd.docker.image.rootfs.diff.tar.gzip"


def test_an_index_is_no_base(tmp_path):
    index.build([scratch(tmp_path / "one")], tmp_path / "index")
    with pytest.raises(layout.LayoutError, match="base: .* is an index"):
        image(tmp_path / "derived", "--base", tmp_path / "index")


def test_index_refuses_a_platform_twice(tmp_path):
    with pytest.raises(layout.LayoutError, match="several for the platform"):
        index.build([scratch(tmp_path / "one"), scratch(tmp_path / "two")], tmp_path / "index")


def with_config(folder, **changes):
    """An image whose configuration has fields that no attribute sets."""
    made = scratch(folder)
    manifest = json.loads(layout.read_blob(made, layout.root(made)))
    config = layout.config_of(made, manifest) | changes
    manifest["config"] = layout.put(made, config, layout.CONFIG)
    layout.finish(made, layout.put(made, manifest, layout.MANIFEST))
    return made


def test_history_of_another_builder_is_kept(tmp_path):
    history = [{"created_by": "RUN true", "empty_layer": True}, {"created_by": "COPY / /", "comment": "buildkit"}]
    base = with_config(tmp_path / "base", history=history)
    (tmp_path / "layer.tar").write_bytes(b"x")
    (tmp_path / "d.json").write_text(json.dumps(describe.describe(tmp_path / "layer.tar", "//a:layer")))
    derived = image(tmp_path / "derived", "--base", base, "--layer", tmp_path / "layer.tar", tmp_path / "d.json")
    config = layout.config_of(derived, json.loads(layout.read_blob(derived, layout.root(derived))))
    assert config["history"][:-1] == history
    assert config["history"][-1]["created_by"] == "bazel build //a:layer"


def test_index_tells_versions_of_windows_apart(tmp_path):
    versions = ["10.0.17763.6893", "10.0.20348.3091"]
    bases = [with_config(tmp_path / one, os="windows", **{"os.version": one}) for one in versions]
    # os.version survives an image on top.
    images = [image(tmp_path / f"on-{base.name}", "--base", base, "--user", "x") for base in bases]
    index.build(images, tmp_path / "index")
    entries = json.loads(layout.read_blob(tmp_path / "index", layout.root(tmp_path / "index")))["manifests"]
    assert [entry["platform"] for entry in entries] == [
        {"architecture": "amd64", "os": "windows", "os.version": one} for one in versions
    ]
    assert layout.root(images[0])["platform"]["os.version"] == versions[0]


@pytest.mark.parametrize("media_type", layout.INDEXES)
def test_an_index_holds_no_index(tmp_path, media_type):
    inner = tmp_path / "inner"
    index.build([scratch(tmp_path / "one")], inner)
    layout.finish(inner, layout.root(inner) | {"mediaType": media_type})
    with pytest.raises(layout.LayoutError, match="images: .*/inner is an index, and an index holds images alone"):
        index.build([inner], tmp_path / "index")


def test_format_fits_the_image(tmp_path):
    one = scratch(tmp_path / "one")
    index.build([one], tmp_path / "index")
    with pytest.raises(layout.LayoutError, match='write format = "oci"'):
        load.docker_manifest(tmp_path / "index", [])
    with pytest.raises(layout.LayoutError, match='write format = "docker"'):
        load.oci_index(one, ["one:1"])


@pytest.mark.parametrize(
    ("installed", "command"),
    [
        (["nerdctl", "podman", "docker"], ["docker", "load", "--input"]),
        (["ctr", "nerdctl", "podman"], ["podman", "load", "--input"]),
        (["ctr", "nerdctl"], ["nerdctl", "load", "--input"]),
        (["ctr"], ["ctr", "images", "import"]),
    ],
)
def test_engines_in_the_order_of_the_original(tmp_path, monkeypatch, installed, command):
    for name in installed:
        (tmp_path / name).touch(mode=0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert load.loader_command(None) == [str(tmp_path / command[0]), *command[1:]]


def test_no_engine(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(layout.LayoutError, match="docker, podman, nerdctl and ctr are not on PATH"):
        load.loader_command(None)


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
