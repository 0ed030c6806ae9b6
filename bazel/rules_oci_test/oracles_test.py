"""Checks layouts, archives and pushes with crane and regctl."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

import oci  # noqa: E402
import registry  # noqa: E402

CRANE = Path("bazel/oci_tools/crane").absolute()
REGCTL = Path("bazel/oci_tools/regctl").absolute()


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with registry.running(tmp_path_factory.mktemp("registry")) as running:
        yield running


@pytest.fixture
def environment(server, tmp_path):
    (tmp_path / "regctl.json").write_text(json.dumps({"hosts": {server.address: {"tls": "disabled"}}}))
    return {
        "PATH": "/usr/bin:/bin",
        "HOME": str(tmp_path),
        "DOCKER_CONFIG": str(server.docker_config),
        "REGCTL_CONFIG": str(tmp_path / "regctl.json"),
        "RUNFILES_DIR": os.environ["RUNFILES_DIR"],
    }


def run(environment, *command, check=True):
    done = subprocess.run([str(part) for part in command], env=environment, capture_output=True, text=True, check=False)
    if check:
        assert done.returncode == 0, done.stderr
    return done


def digest(name):
    return oci.top(HERE / name)["digest"]


def real(name):
    """The folder of the real files of a layout, because crane refuses the links of a sandbox."""
    return (HERE / name / "index.json").resolve().parent


def test_push_by_digest_and_tags(server, environment):
    repository = f"{server.address}/team/derived"
    done = run(environment, HERE / "push_push.sh", "--repository", repository, "--tag", "extra", "-t", "more")
    assert done.stdout.splitlines()[-1] == f"{repository}@{digest('derived')}"
    for tag in ("latest", "1.0", "extra", "more"):
        answer = server.request("GET", f"/v2/team/derived/manifests/{tag}")
        assert answer.status == 200
        assert answer.headers["Docker-Content-Digest"] == digest("derived")
        assert json.loads(answer.read()) == oci.manifest(HERE / "derived")


def test_pushed_image_is_the_same_to_both(server, environment, tmp_path):
    repository = f"{server.address}/team/valid"
    run(environment, HERE / "push_push.sh", "--repository", repository)
    # Not crane validate, which takes every layer for gzip.
    run(environment, CRANE, "pull", "--format=oci", f"{repository}:latest", tmp_path / "pulled")
    assert oci.manifest(tmp_path / "pulled") == oci.manifest(HERE / "derived")
    for layer in oci.manifest(HERE / "derived")["layers"]:
        oci.blob(tmp_path / "pulled", layer["digest"])
    assert run(environment, CRANE, "digest", f"{repository}:1.0").stdout.strip() == digest("derived")
    assert run(environment, REGCTL, "image", "digest", f"{repository}:1.0").stdout.strip() == digest("derived")
    config = json.loads(run(environment, CRANE, "config", f"{repository}:1.0").stdout)
    assert config == oci.config(HERE / "derived")


def test_index_is_pushed_whole(server, environment):
    repository = f"{server.address}/team/index"
    run(environment, HERE / "push_push_index.sh", "--repository", repository, "--tag", "1")
    run(environment, CRANE, "validate", "--remote", f"{repository}:1")
    found = run(environment, CRANE, "digest", "--platform", "linux/arm64/v8", f"{repository}:1").stdout.strip()
    assert found == digest("dated")


@pytest.mark.parametrize("name", ["base", "derived", "dated"])
def test_regctl_copies_what_crane_would(server, environment, name):
    target = f"{server.address}/by-regctl/{name}:1"
    run(environment, REGCTL, "image", "copy", f"ocidir://{real(name)}@{digest(name)}", target)
    if name != "derived":
        run(environment, CRANE, "validate", "--remote", target)
    assert run(environment, CRANE, "digest", target).stdout.strip() == digest(name)


def test_files_are_seen_in_layer_order(server, environment, tmp_path):
    target = f"{server.address}/files:1"
    run(environment, CRANE, "push", real("base"), target)
    run(environment, CRANE, "export", target, tmp_path / "root.tar")
    run(environment, "tar", "-C", tmp_path, "-xf", tmp_path / "root.tar")
    assert (tmp_path / "etc/first").read_text() == "first"


def test_crane_reads_the_docker_archive(environment):
    run(environment, CRANE, "validate", "--tarball", HERE / "load_docker/tarball.tar")


def test_wrong_password_pushes_nothing(server, environment, tmp_path):
    (tmp_path / "config.json").write_text(
        json.dumps({"auths": {server.address: {"username": registry.USER, "password": "wrong"}}})
    )
    done = run(
        environment | {"DOCKER_CONFIG": str(tmp_path)},
        HERE / "push_push.sh",
        "--repository",
        f"{server.address}/refused",
        check=False,
    )
    assert done.returncode != 0
    assert "401 Unauthorized" in done.stderr
    assert server.request("GET", "/v2/refused/tags/list").status == 404


def test_refused_tag_leaves_the_others(server, environment):
    done = run(environment, HERE / "push_push.sh", "-r", f"{server.address}/tags", "-t", "not a tag", check=False)
    assert done.returncode != 0
    # The registry has the image by its digest. The tags after the refused one are missing.
    assert server.request("GET", f"/v2/tags/manifests/{digest('derived')}").status == 200
    assert server.request("GET", "/v2/tags/manifests/latest").status == 404


@pytest.mark.parametrize("repository", ["host.example/image:tag", "host.example/image@sha256:00"])
def test_repository_takes_no_tag_and_no_digest(environment, repository):
    done = run(environment, HERE / "push_push.sh", "--repository", repository, check=False)
    assert done.returncode != 0
    assert "no tag and no digest" in done.stderr


def test_repository_of_the_file_is_the_default(environment):
    done = run(environment, HERE / "push_push.sh", check=False)
    assert done.returncode != 0
    assert "never.example" in done.stderr
