"""Releases to a real registry with a password: what is uploaded, locked and refused."""

import base64
import datetime
import hashlib
import importlib
import json
import socket
from pathlib import Path

import pytest
import registry

from release import lock, table
from release.contracts import Contracts
from release.tests import releasing
from release.tests.releasing import COMMIT, COSIGN, CRANE, IMAGES, PREFIX, PROVENANCE, SIGNATURE, SPDX

# Small images, for tests that need no others.
SMALL = ["--image", "sq-xcom-sidecar", "--image", "sq-retrieve"]


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """A site with a release of all images, signed."""
    with releasing.bare_site(tmp_path_factory.mktemp("site")) as made:
        made.run(COSIGN, "generate-key-pair")
        done = made.push("--sign-key", "cosign.key", "--git-revision", COMMIT)
        assert [line.split()[0::3] for line in done.stdout.splitlines()] == [[name, "pushed"] for name in IMAGES]
        yield made


@pytest.fixture
def bare(tmp_path):
    with releasing.bare_site(tmp_path) as made:
        yield made


def table_of(name):
    return ["--table", Path(f"release/{name}.json").absolute()]


def test_everything_fits(site):
    assert site.verify("--key", "cosign.pub") == [f"{len(IMAGES)} images, 0 disagreements"]


def test_lock_says_what_was_released(site):
    text = site.lock.read_bytes()
    document = json.loads(text)
    assert text == json.dumps(document, sort_keys=True, separators=(",", ":")).encode() + b"\n"
    assert site.lock.stat().st_mode & 0o777 == 0o644
    assert document["registry"] == site.server.address
    assert sorted(document["images"]) == sorted(IMAGES)
    served = Contracts.read(Path("pipeline/pipeline.json"))
    assert {*served.images, "sq-all", "sq-xcom-sidecar"} <= set(IMAGES)
    for one in table.read(Path("release/table.json")):
        found = document["images"][one.name]
        assert found["digest"] == one.image.digest
        assert found["repository"] == f"{PREFIX}/{one.name}"
        assert found["version"] == one.version
        assert found["gitRevision"] == COMMIT
        assert found["sbomDigest"] == "sha256:" + hashlib.sha256(bill_of(site, one.name)).hexdigest()
    assert list(document["images"]["sq-report"]["stages"]) == ["consolidate", "report"]
    assert len(document["images"]["sq-all"]["stages"]) == len(served.stages)
    assert document["images"]["sq-report"]["contractDigest"].startswith("sha256:")
    assert document["images"]["sq-xcom-sidecar"]["contractDigest"] == ""


def test_tags_name_the_locked_digests(site):
    for name in IMAGES:
        found = site.run(CRANE, "digest", f"{site.repository(name)}:{site.locked(name).version}").stdout.strip()
        assert found == site.locked(name).digest


def test_the_dags_read_it(site, monkeypatch):
    monkeypatch.syspath_prepend("dags")
    read_images = importlib.import_module("sq_airflow.images").read_images
    assert read_images(site.lock).get("sq-report").reference == site.reference("sq-report")


def test_second_push_uploads_nothing(site):
    before, text = site.writes(), site.lock.read_bytes()
    done = site.push("--sign-key", "cosign.key", "--git-revision", "2" * 40)
    assert {line.split(maxsplit=3)[3] for line in done.stdout.splitlines()} == {"unchanged"}
    assert site.writes() == before
    # The lock still has the commit of each image.
    assert site.lock.read_bytes() == text


def bill_of(site, name):
    (manifest,) = site.attached(name, SPDX)
    return site.regctl("artifact", "get", f"{site.repository(name)}@{manifest}").encode()


def test_bill_of_materials_is_the_one_built_with_the_time_of_the_push(site):
    found, built = json.loads(bill_of(site, "sq-evaluate")), Path("release/sq-evaluate.sbom.json").read_text()
    created = datetime.datetime.fromisoformat(found["creationInfo"].pop("created"))
    assert datetime.timedelta() <= datetime.datetime.now(datetime.UTC) - created < datetime.timedelta(hours=1)
    wanted = json.loads(built)
    assert wanted["creationInfo"].pop("created") == "1970-01-01T00:00:00Z"
    assert found == wanted


def test_cosign_verifies_the_provenance(site):
    """As docs/release.md shows it."""
    flags = ["--key", "cosign.pub", "--type", "slsaprovenance1", "--insecure-ignore-tlog=true"]
    done = site.run(COSIGN, "verify-attestation", *flags, "--allow-http-registry", site.reference("sq-report"))
    (line,) = done.stdout.splitlines()
    statement = json.loads(base64.b64decode(json.loads(line)["payload"]))
    assert statement["predicateType"] == PROVENANCE
    (subject,) = statement["subject"]
    assert "sha256:" + subject["digest"]["sha256"] == site.locked("sq-report").digest
    assert statement["predicate"] == {
        "buildDefinition": {
            "buildType": "urn:sq:image:v1",
            "externalParameters": {
                "image": "sq-report",
                "target": "//stages/report_py:image",
                "version": site.locked("sq-report").version,
            },
            "resolvedDependencies": [{"digest": {"gitCommit": COMMIT}}],
        },
        "runDetails": {"builder": {"id": "urn:sq:builder:local"}},
    }


def test_openssl_agrees_with_the_signature(site):
    """The signature over the DSSE envelope of the bundle, without cosign."""
    (manifest,) = site.bundles("sq-retrieve", SIGNATURE)
    envelope = site.bundle("sq-retrieve", manifest)["dsseEnvelope"]
    payload = base64.b64decode(envelope["payload"])
    (subject,) = json.loads(payload)["subject"]
    assert "sha256:" + subject["digest"]["sha256"] == site.locked("sq-retrieve").digest
    kind = envelope["payloadType"]
    (site.folder / "signed").write_bytes(b"DSSEv1 %d %s %d %s" % (len(kind), kind.encode(), len(payload), payload))
    (site.folder / "signature").write_bytes(base64.b64decode(envelope["signatures"][0]["sig"]))
    site.run("openssl", "dgst", "-sha256", "-verify", "cosign.pub", "-signature", "signature", "signed")


# One image has changed.


def test_one_change_travels_alone(bare):
    bare.push("--git-revision", "1" * 40)
    before, old = len(bare.writes()), lock.read(bare.lock)
    bare.push(*table_of("table_raised"), "--git-revision", "2" * 40)
    assert set(bare.writes()[before:]) == {f"{PREFIX}/sq-ner-diff"}
    new = lock.read(bare.lock)
    assert {name for name in IMAGES if new.images[name] != old.images[name]} == {"sq-ner-diff"}
    assert new.images["sq-ner-diff"].version == "99.0.0"
    assert new.images["sq-ner-diff"].git_revision == "2" * 40
    assert bare.verify() == [f"{len(IMAGES)} images, 0 disagreements"]
    # The registry still has the old release, under its version.
    found = bare.run(CRANE, "digest", f"{bare.repository('sq-ner-diff')}:{old.images['sq-ner-diff'].version}")
    assert found.stdout.strip() == old.images["sq-ner-diff"].digest


def test_another_digest_under_the_same_version_is_refused(site):
    before, text = site.writes(), site.lock.read_bytes()
    done = site.push(*table_of("table_changed"), code=2)
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"sq-ner-diff: version: {site.locked('sq-ner-diff').version} is sha256:")
    assert "raise the version" in line
    assert site.writes() == before
    assert site.lock.read_bytes() == text


# Mistakes of users.


def test_wrong_password(bare):
    folder = bare.folder / "wrong"
    folder.mkdir()
    auths = {bare.server.address: {"username": registry.USER, "password": "wrong"}}
    (folder / "config.json").write_text(json.dumps({"auths": auths}))
    done = bare.push(*SMALL, code=2, DOCKER_CONFIG=str(folder))
    assert f"{bare.server.address} does not accept the credentials of {folder}/config.json" in done.stderr
    assert "docker login" in done.stderr
    assert bare.writes() == []
    assert not bare.lock.exists()


def test_wrong_password_of_the_key(bare):
    bare.run(COSIGN, "generate-key-pair")
    done = bare.push(*SMALL, "--sign-key", "cosign.key", code=2, COSIGN_PASSWORD="other")
    assert "COSIGN_PASSWORD" in done.stderr
    assert bare.writes() == []


def test_registry_that_is_not_there(bare):
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{listener.getsockname()[1]}"
    done = bare.push(*SMALL, "--registry", address, code=75)
    assert f"{address} does not answer" in done.stderr


def test_plain_http_is_refused(bare):
    done = bare.push(*SMALL, "--no-plain-http", code=2)
    assert "speaks plain HTTP: use --plain-http to allow it" in done.stderr
    assert bare.writes() == []


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (["--registry", "registry.example/team"], "--repository-prefix"),
        (["--image", "sq-nothing"], "--image: unknown image sq-nothing; choose from sq-"),
        (["--lock", "nowhere/lock.json"], "is not a directory"),
        (["--sign-key", "nothing.key"], "--sign-key: nothing.key is not a file"),
        (["--sign-key", "env://NO_KEY"], "--sign-key: env://NO_KEY: the environment has no NO_KEY"),
        (["--git-revision", f"{COMMIT}-dirty"], "the checkout has changes"),
        (["--git-revision", f"{COMMIT}-dirty", "--allow-dirty", "--tag", "latest"], "--tag: latest: a release with"),
    ],
)
def test_wrong_flags(bare, flags, said):
    done = bare.push(*flags, code=2)
    assert said in done.stderr
    assert bare.writes() == []


def test_part_of_a_release_keeps_the_rest(bare):
    bare.push("--image", "sq-xcom-sidecar", "--tag", "latest")
    bare.push("--image", "sq-retrieve", "--locked-registry", bare.server.address)
    assert sorted(lock.read(bare.lock).images) == ["sq-retrieve", "sq-xcom-sidecar"]
    assert bare.run(CRANE, "digest", f"{bare.repository('sq-xcom-sidecar')}:latest").stdout.strip() == (
        bare.locked("sq-xcom-sidecar").digest
    )
    done = bare.push("--image", "sq-retrieve", "--locked-registry", "other.example", code=2)
    assert f"is of {bare.server.address}, not other.example" in done.stderr


def test_dry_run_changes_nothing(bare):
    done = bare.push(*SMALL, "--dry-run")
    assert [line.split(maxsplit=3)[3] for line in done.stdout.splitlines()] == ["to push", "to push"]
    assert bare.writes() == []
    assert not bare.lock.exists()


def test_key_in_the_environment(bare):
    bare.run(COSIGN, "generate-key-pair")
    key, public = ((bare.folder / f"cosign.{end}") for end in ("key", "pub"))
    flags = ["--image", "sq-xcom-sidecar", "--git-revision", COMMIT]
    done = bare.push("--sign-key", "env://KEY", *flags, KEY=key.read_text())
    assert done.stdout.split()[3:] == ["pushed", "signed"]
    key.unlink()
    found = bare.run(Path("release/verify").absolute(), "--key", "env://PUBLIC", code=2, PUBLIC=public.read_text())
    # Only the images of stages are missing.
    assert {line.split(": ")[1] for line in found.stdout.splitlines()[:-1]} == {"images"}
