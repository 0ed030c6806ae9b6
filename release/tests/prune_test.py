"""Deletes old images from a real registry, and lets it collect its garbage."""

import json
import shutil
import subprocess
import tarfile
from pathlib import Path

import pytest

from release import lock
from release.lock import Lock, Locked
from release.tests import releasing
from release.tests.releasing import COSIGN, CRANE, PREFIX, SPDX

IMAGE = "sq-report"
VERSIONS = ["0.1.0", "0.2.0", "0.9.0", "0.10.0", "0.11.0"]


@pytest.fixture(scope="module")
def stored(tmp_path_factory):
    """A folder with versions 0.1.0 to 0.11.0, each signed and with a signed bill of materials, and a dirty one."""
    with releasing.bare_site(tmp_path_factory.mktemp("stored")) as made:
        made.run(COSIGN, "generate-key-pair")
        for tag in [*VERSIONS, "0.11.0-dirty-0123456789ab"]:
            release(made, tag)
    return made.folder


@pytest.fixture
def site(stored, tmp_path):
    """A registry of the test's own with these."""
    with releasing.bare_site(tmp_path) as made:
        shutil.copytree(stored / "registry/storage", tmp_path / "registry/storage")
        shutil.copy(stored / "cosign.pub", tmp_path)
        write_lock(made, "images.lock.json", digest_of(made, "0.1.0"))
        yield made


def release(site, tag):
    """Pushes an image with a layer of its own, signs it, and attaches a signed bill. Returns its digest."""
    layer = site.folder / "layer.tar"
    (site.folder / "content").write_text(tag)
    with tarfile.open(layer, "w") as archive:
        archive.add(site.folder / "content", "content")
    where = f"{site.repository(IMAGE)}:{tag}"
    site.run(CRANE, "append", "--new_layer", layer, "--new_tag", where, "--insecure")
    digest = digest_of(site, tag)
    (site.folder / "bill").write_text(json.dumps({"about": tag}))
    flags = ["--artifact-type", SPDX, "--file-media-type", SPDX, "--file", "bill", "--by-digest"]
    subject = f"{site.repository(IMAGE)}@{digest}"
    site.regctl("artifact", "put", *flags, "--subject", subject, site.repository(IMAGE))
    (bill,) = attached(site, digest)
    for one in (digest, bill):
        offline = ["--yes", "--use-signing-config=false", "--tlog-upload=false", "--allow-http-registry"]
        site.run(COSIGN, "sign", *offline, "--key", "cosign.key", f"{site.repository(IMAGE)}@{one}")
    return digest


def digest_of(site, tag):
    return site.run(CRANE, "digest", f"{site.repository(IMAGE)}:{tag}", "--insecure").stdout.strip()


def write_lock(site, name, digest):
    images = {IMAGE: Locked(f"{PREFIX}/{IMAGE}", "0.1.0", digest)}
    Lock(site.server.address, images).write(site.folder / name)


def prune(site, *flags, code=0):
    done = site.run(Path("release/prune").absolute(), *flags, code=code)
    return done.stdout.splitlines() if code == 0 else done.stderr


def tags(site):
    listed = site.regctl("tag", "ls", site.repository(IMAGE)).split()
    return [tag for tag in listed if not tag.startswith("sha256-")]


def attached(site, digest):
    found = site.regctl("artifact", "list", "--format", "{{json .Descriptors}}", f"{site.repository(IMAGE)}@{digest}")
    return [one["digest"] for one in json.loads(found) or []]


def manifests(site):
    """The digests of all manifests that the registry has, as its disk shows."""
    folder = site.server.docker_config.parent / f"storage/docker/registry/v2/repositories/{PREFIX}/{IMAGE}"
    return {f"sha256:{path.parent.name}" for path in folder.glob("_manifests/revisions/sha256/*/link")}


def collect(site):
    """What an operator runs to free the space of what is deleted. Returns the number of blobs left."""
    config = site.server.docker_config.parent / "config.yml"
    subprocess.run(["/usr/bin/docker-registry", "garbage-collect", config], check=True, capture_output=True)
    return len(list((site.server.docker_config.parent / "storage/docker/registry/v2/blobs").rglob("data")))


def check_complete(site, tag):
    """The image can be pulled, and its signature and its bill's are there."""
    where = f"{site.repository(IMAGE)}:{tag}"
    site.run(CRANE, "validate", "--remote", where, "--insecure")
    digest = digest_of(site, tag)
    signed = [digest, *(one for one in attached(site, digest) if attached(site, one))]
    assert len(signed) == 2
    for one in signed:
        flags = ["--key", "cosign.pub", "--insecure-ignore-tlog=true", "--allow-http-registry"]
        site.run(COSIGN, "verify", *flags, f"{site.repository(IMAGE)}@{one}")


def test_locked_images_and_the_newest_stay_with_all_that_is_attached(site):
    before, blobs = manifests(site), collect(site)
    planned = prune(site, "--keep", 2, "--dry-run")
    assert [line.split()[1] for line in planned[:-1]] == ["0.11.0-dirty-0123456789ab", "0.2.0", "0.9.0"]
    assert planned[-1] == "3 images to delete"
    assert manifests(site) == before
    assert tags(site) == sorted([*VERSIONS, "0.11.0-dirty-0123456789ab"])

    done = prune(site, "--keep", 2)
    assert [line.replace("deleted", "to delete") for line in done] == planned
    assert tags(site) == ["0.1.0", "0.10.0", "0.11.0"]
    # Of each of the three: the image, its bill, two signatures and two lists.
    assert len(before - manifests(site)) == 3 * 6
    assert collect(site) < blobs
    for tag in tags(site):
        check_complete(site, tag)
    assert prune(site, "--keep", 2) == ["0 images deleted"]


def test_what_a_moving_tag_or_another_lock_names_stays(site):
    site.run(CRANE, "tag", f"{site.repository(IMAGE)}:0.2.0", "production", "--insecure")
    write_lock(site, "other.json", digest_of(site, "0.9.0"))
    (line, _) = prune(site, "--keep", 2, "--lock", "images.lock.json", "--lock", "other.json")
    assert line.split()[1] == "0.11.0-dirty-0123456789ab"
    check_complete(site, "production")
    check_complete(site, "0.9.0")


def test_the_images_of_a_kept_index_stay_and_those_of_an_old_one_go(site):
    parts = {tag: f"{site.repository(IMAGE)}:{tag}" for tag in VERSIONS}
    site.regctl("index", "create", "--ref", parts["0.2.0"], "--ref", parts["0.9.0"], f"{site.repository(IMAGE)}:0.12.0")
    site.regctl("index", "create", "--ref", parts["0.10.0"], f"{site.repository(IMAGE)}:0.0.1")
    prune(site, "--keep", 1)
    assert tags(site) == ["0.1.0", "0.12.0", "0.2.0", "0.9.0"]
    for tag in ("0.1.0", "0.2.0", "0.9.0"):
        check_complete(site, tag)


def test_an_interrupted_run_is_continued(site):
    """Attachments go first, and their list leads to those of an image that somebody deleted alone."""
    digest = digest_of(site, "0.2.0")
    bill = next(one for one in attached(site, digest) if attached(site, one))
    site.delete(IMAGE, "manifests", digest)
    planned = prune(site, "--keep", 4)
    assert f"{PREFIX}/{IMAGE} untagged {digest} deleted with 5 more" in planned
    assert not {digest, bill} & manifests(site)
    check_complete(site, "0.1.0")
    assert prune(site, "--keep", 4) == ["0 images deleted"]


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (["--keep", 0], "--keep: 0 is less than 1"),
        (["--keep", 1, "--lock", "gone.json"], "--lock: {folder}/gone.json: No such file or directory"),
        (
            ["--keep", 1, "--lock", "absent.json"],
            "has no sha256:" + "0" * 64 + ": correct --registry, or drop this lock",
        ),
        (["--keep", 1, "--lock", "images.lock.json", "--lock", "elsewhere.json"], "name one with --registry"),
    ],
)
def test_refusals_delete_nothing(site, flags, message):
    write_lock(site, "absent.json", "sha256:" + "0" * 64)
    Lock("registry.example", lock.read(site.lock).images).write(site.folder / "elsewhere.json")
    before = manifests(site)
    assert message.format(folder=site.folder) in prune(site, *flags, code=2)
    assert manifests(site) == before
