"""Compares the images of BUILD.bazel with the documentation of rules_oci."""

import gzip
import hashlib
import io
import json
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

import oci  # noqa: E402

OCI_LAYER = "application/vnd.oci.image.layer.v1.tar"


def made_by(target: str) -> dict[str, str]:
    """The entry of a layer in the history."""
    return {"created": "1970-01-01T00:00:00Z", "created_by": f"bazel build //bazel/rules_oci_test:{target}"}


def sha256(data: bytes) -> str:
    return "sha256:" + hashlib.sha256(data).hexdigest()


@pytest.mark.parametrize("name", ["base", "derived", "dated", "cmd_alone", "entrypoint_resets_cmd", "index"])
def test_is_a_layout(name):
    layout = HERE / name
    assert json.loads((layout / "oci-layout").read_bytes()) == {"imageLayoutVersion": "1.0.0"}
    for path in (layout / "blobs" / "sha256").iterdir():
        assert sha256(path.read_bytes()) == f"sha256:{path.name}"


@pytest.mark.parametrize("name", ["base", "derived", "index"])
def test_digest_file(name):
    assert (HERE / f"{name}.json.sha256").read_text() == oci.top(HERE / name)["digest"] + "\n"


def test_config_without_base():
    assert oci.config(HERE / "base") == {
        "created": "1970-01-01T00:00:00Z",
        "architecture": "amd64",
        "os": "linux",
        "config": {
            "Env": ['GREETING=a=b, "c" and $$', "PATH=/usr/bin:/bin"],
            "Entrypoint": ["/bin/base"],
            "Cmd": ["serve"],
            "User": "65532",
            "WorkingDir": "/srv",
            "ExposedPorts": {"8080/tcp": {}},
            "Volumes": {"/data": {}},
            "Labels": {"kept": "base", "replaced": "base"},
        },
        "history": [made_by("first")],
        "rootfs": {
            "type": "layers",
            "diff_ids": [sha256(gzip.decompress((HERE / "first.tar.gz").read_bytes()))],
        },
    }


def test_config_merged_with_base():
    run = oci.config(HERE / "derived")["config"]
    assert run["Env"] == [
        'GREETING=a=b, "c" and $$',
        "PATH=/app/bin:/usr/bin:/bin",
        "EMPTY=[]",
        "HOME_OF_APP=/app",
        "WHOLE=/app:/app/bin:/usr/bin:/bin",
    ]
    assert run["Labels"] == {"kept": "base", "replaced": "derived", "added": "x=y"}
    assert run["ExposedPorts"] == {"8080/tcp": {}, "9090": {}}
    assert run["Volumes"] == {"/data": {}, "/scratch": {}}
    assert (run["User"], run["WorkingDir"], run["Entrypoint"]) == ("65532", "/srv", ["/bin/base"])


def test_annotations_are_the_manifests():
    assert oci.manifest(HERE / "derived")["annotations"] == {"org.opencontainers.image.title": "derived"}
    assert "annotations" not in oci.manifest(HERE / "base")
    assert "annotations" not in oci.top(HERE / "derived")


def test_layers_in_order_and_as_they_were():
    layers = oci.manifest(HERE / "derived")["layers"]
    files = ["first.tar.gz", "third.tar.zst", "second.tar.gz", "misnamed.tar", "plain.tar"]
    assert [layer["digest"] for layer in layers] == [sha256((HERE / file).read_bytes()) for file in files]
    assert [layer["size"] for layer in layers] == [(HERE / file).stat().st_size for file in files]
    assert [layer["mediaType"] for layer in layers] == [
        OCI_LAYER + "+gzip",
        OCI_LAYER + "+zstd",
        OCI_LAYER + "+gzip",
        OCI_LAYER + "+gzip",
        OCI_LAYER,
    ]


def test_diff_ids_are_of_the_archives_inside():
    unzstd = subprocess.run(["zstd", "-dcf", HERE / "third.tar.zst"], capture_output=True, check=True).stdout
    assert oci.config(HERE / "derived")["rootfs"]["diff_ids"] == [
        sha256(gzip.decompress((HERE / "first.tar.gz").read_bytes())),
        sha256(unzstd),
        sha256(gzip.decompress((HERE / "second.tar.gz").read_bytes())),
        sha256(gzip.decompress((HERE / "misnamed.tar").read_bytes())),
        sha256((HERE / "plain.tar").read_bytes()),
    ]


def test_history_has_every_layer_and_the_bases():
    layers = ["first", "third", "second", "misnamed", "plain"]
    assert oci.config(HERE / "derived")["history"] == [made_by(layer) for layer in layers]
    # The base from a registry keeps what its builder wrote.
    base = oci.config(HERE / "pulled").get("history", [])
    assert oci.config(HERE / "on_pulled")["history"] == [*base, made_by("second")]


def test_entrypoint_resets_cmd():
    run = oci.config(HERE / "entrypoint_resets_cmd")["config"]
    assert run["Entrypoint"] == ["/bin/sh", "-c", "echo a,b\necho c"]
    assert "Cmd" not in run


def test_cmd_leaves_entrypoint():
    run = oci.config(HERE / "cmd_alone")["config"]
    assert (run["Entrypoint"], run["Cmd"]) == (["/bin/base"], ["other"])


def test_created_and_platform():
    config = oci.config(HERE / "dated")
    assert config["created"] == "2024-02-29T12:00:00Z"
    assert oci.top(HERE / "dated")["platform"] == {"architecture": "arm64", "os": "linux", "variant": "v8"}


def test_index_lists_images_with_their_platforms():
    index = oci.document(HERE / "index", oci.top(HERE / "index"))
    assert index["mediaType"] == "application/vnd.oci.image.index.v1+json"
    assert [entry["platform"] for entry in index["manifests"]] == [
        {"architecture": "amd64", "os": "linux"},
        {"architecture": "arm64", "os": "linux", "variant": "v8"},
    ]
    assert [entry["digest"] for entry in index["manifests"]] == [
        oci.top(HERE / "base")["digest"],
        oci.top(HERE / "dated")["digest"],
    ]
    for entry in index["manifests"]:
        oci.document(HERE / "index", entry)
    assert index["annotations"] == {"org.opencontainers.image.source": "https://example.com/a=b"}


def test_docker_archive():
    with tarfile.open(HERE / "load_docker/tarball.tar") as archive:
        (manifest,) = json.load(archive.extractfile("manifest.json"))
        assert manifest["RepoTags"] == ["test/image:1"]
        config = archive.extractfile(manifest["Config"]).read()
        assert json.loads(config) == oci.config(HERE / "entrypoint_resets_cmd")
        layers = [archive.extractfile(name).read() for name in manifest["Layers"]]
        assert [sha256(layer) for layer in layers] == [
            layer["digest"] for layer in oci.manifest(HERE / "entrypoint_resets_cmd")["layers"]
        ]
        assert {entry.mtime for entry in archive} == {0}


def test_oci_archive():
    with tarfile.open(HERE / "load_oci/tarball.tar") as archive:
        (entry,) = json.load(archive.extractfile("index.json"))["manifests"]
        assert entry["digest"] == oci.top(HERE / "index")["digest"]
        assert entry["annotations"] == {
            "io.containerd.image.name": "registry.example/index:1",
            "org.opencontainers.image.ref.name": "registry.example/index:1",
        }
        blobs = {member.name for member in archive if member.name.startswith("blobs/")}
    assert len(blobs) == len(list((HERE / "index/blobs/sha256").iterdir()))


def test_layer_is_an_archive():
    data = gzip.decompress((HERE / "second.tar.gz").read_bytes())
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        assert archive.extractfile("./etc/second").read() == b"second"


def test_pulled_layout_is_the_one_on_disk():
    pulled = HERE.parents[1].parent / "oci_test_pulled/oci_test_pulled"
    assert oci.top(pulled)["digest"] == "sha256:0d38e66f7d74c750b29a1f6f9f6d5c4ac397582c6b0b0ccc0168a294ce68f8df"
    found = {path.name: path.read_bytes() for path in (pulled / "blobs/sha256").iterdir()}
    assert found == {path.name: path.read_bytes() for path in (HERE / "pulled/blobs/sha256").iterdir()}


def test_image_on_a_pulled_base():
    base, config = oci.config(HERE / "pulled"), oci.config(HERE / "on_pulled")
    assert config["config"] == base["config"] | {
        "Env": ['GREETING=a=b, "c" and $$', "PATH=/app:/usr/bin:/bin"],
        "Labels": base["config"]["Labels"] | {"added": "here"},
    }
    assert config["rootfs"]["diff_ids"][:-1] == base["rootfs"]["diff_ids"]
    layers = oci.manifest(HERE / "on_pulled")["layers"]
    assert layers[0] == oci.manifest(HERE / "pulled")["layers"][0]
    assert layers[1]["digest"] == sha256((HERE / "second.tar.gz").read_bytes())
