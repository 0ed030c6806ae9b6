"""Damages a registry or a lock. verify prints a line, and its advice repairs the damage."""

import base64
import hashlib
import json
from pathlib import Path

import pytest

from release.tests import releasing
from release.tests.releasing import BUNDLE, COMMIT, COSIGN, CRANE, PROVENANCE, SIGNATURE, SPDX

PIPELINE = Path("pipeline/pipeline.json").absolute()


# Small images, with a pipeline of their stages: verify reports every stage whose image the lock lacks.
IMAGES = ["sq-retrieve", "sq-ner-diff", "sq-xcom-sidecar"]


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    with releasing.bare_site(tmp_path_factory.mktemp("site")) as made:
        document = json.loads(PIPELINE.read_text())
        document["stages"] = [one for one in document["stages"] if one["contract"]["image"] in IMAGES]
        (made.folder / "pipeline.json").write_text(json.dumps(document))
        made.run(COSIGN, "generate-key-pair")
        push(made)
        yield made


def push(site, *flags, code=0):
    images = [part for name in IMAGES for part in ("--image", name)]
    signed = ["--sign-key", "cosign.key", "--git-revision", COMMIT]
    return site.push("--pipeline", "pipeline.json", *signed, *images, *flags, code=code)


def verify(site, *flags, code=2):
    """The lines it prints, without the last."""
    found = site.verify("--pipeline", "pipeline.json", *flags, code=code)
    assert found[-1] == f"3 images, {len(found) - 1} disagreements"
    return found[:-1]


def test_everything_fits(site):
    assert verify(site, "--key", "cosign.pub", code=0) == []


def lines_about(found, start):
    return [line for line in found if line.startswith(start)]


def repaired(site, *flags):
    push(site, *flags)
    assert verify(site, "--key", "cosign.pub", code=0) == []


def test_moved_tag(site):
    version = site.locked("sq-xcom-sidecar").version
    site.run(
        CRANE,
        "mutate",
        "--label",
        "a=b",
        "--tag",
        f"{site.repository('sq-xcom-sidecar')}:{version}",
        site.reference("sq-xcom-sidecar"),
    )
    (line,) = verify(site)
    assert line.startswith(f"sq-xcom-sidecar: version: the tag {version} names sha256:")
    push(site, code=2)
    repaired(site, "--allow-retag")


def test_missing_manifest(site):
    digest = site.locked("sq-xcom-sidecar").digest
    site.delete("sq-xcom-sidecar", "manifests", digest)
    found = verify(site)
    assert lines_about(found, f"sq-xcom-sidecar: digest: {site.repository('sq-xcom-sidecar')} has no {digest}")
    assert lines_about(found, "sq-xcom-sidecar: version: there is no tag")
    repaired(site)


@pytest.mark.parametrize(("field", "part"), [("layers", 0), ("config", -1)])
def test_missing_blob(site, field, part):
    manifest = json.loads(site.regctl("manifest", "get", "--format", "raw-body", site.reference("sq-retrieve")))
    digest = [*(layer["digest"] for layer in manifest["layers"]), manifest["config"]["digest"]][part]
    site.delete("sq-retrieve", "blobs", digest)
    (line,) = verify(site)
    assert line.startswith(f"sq-retrieve: {field}: {digest} is missing: ")
    assert "--repair" in line
    repaired(site, "--repair")


def test_changed_contract(site):
    document = json.loads((site.folder / "pipeline.json").read_text())
    (stage,) = [one for one in document["stages"] if one["contract"]["name"] == "ner-diff"]
    stage["fingerprints"][0]["fingerprint"] = "sha256:" + "0" * 64
    (site.folder / "changed.json").write_text(json.dumps(document))
    (line,) = verify(site, "--pipeline", "changed.json")
    assert line.startswith("sq-ner-diff: contractDigest: stage ner-diff is sha256:")


def test_image_of_a_stage_that_is_not_locked(site):
    found = verify(site, "--pipeline", PIPELINE)
    assert lines_about(found, "sq-report: images: a stage needs this image")


def edited(site, name, flags=(), **fields):
    document = json.loads(site.lock.read_text())
    document["images"][name].update(fields)
    (site.folder / "edited.json").write_text(json.dumps(document))
    return verify(site, "--lock", "edited.json", *flags)


def test_edited_contract_digest(site):
    (line,) = edited(site, "sq-ner-diff", contractDigest="sha256:" + "0" * 64)
    assert line.startswith("sq-ner-diff: contractDigest: sha256:000")


def test_edited_version(site):
    found = edited(site, "sq-ner-diff", version="9.9.9")
    assert [line.split(":")[1] for line in found] == [" version", " label org.opencontainers.image.version"]


def test_edited_digest(site):
    other = site.locked("sq-retrieve").digest
    found = edited(site, "sq-ner-diff", digest=other)
    assert lines_about(found, f"sq-ner-diff: digest: {site.repository('sq-ner-diff')} has no {other}")


def test_edited_digest_of_the_bill(site):
    (line,) = edited(site, "sq-ner-diff", sbomDigest="sha256:" + "0" * 64)
    assert line.startswith("sq-ner-diff: sbomDigest: attached is sha256:")


def forge(site, name, kind, document):
    """Replaces the attachment of an image."""
    for old in site.attached(name, kind):
        # regctl also removes it from the list of attachments.
        site.regctl("manifest", "delete", "--referrers", f"{site.repository(name)}@{old}")
    (site.folder / "forged").write_text(document)
    flags = ["--artifact-type", kind, "--file-media-type", kind, "--file", "forged", "--by-digest"]
    site.regctl("artifact", "put", *flags, "--subject", site.reference(name), site.repository(name))


def test_forged_bill_of_materials(site):
    bill = json.loads(Path("release/sq-ner-diff.sbom.json").read_text())
    del bill["packages"][5]
    forge(site, "sq-ner-diff", SPDX, json.dumps(bill))
    (line,) = verify(site)
    assert line.startswith("sq-ner-diff: sbomDigest: attached is sha256:")
    repaired(site)


def test_bill_of_materials_without_the_sum_of_a_wheel(site):
    bill = json.loads(Path("release/sq-ner-diff.sbom.json").read_text())
    del next(one for one in bill["packages"] if one["name"] == "protobuf")["checksums"]
    text = json.dumps(bill)
    forge(site, "sq-ner-diff", SPDX, text)
    (line,) = edited(site, "sq-ner-diff", sbomDigest=f"sha256:{hashlib.sha256(text.encode()).hexdigest()}")
    assert line.startswith("sq-ner-diff: sbomDigest: the document has no sha256 of protobuf: ")
    repaired(site)


def test_bill_of_materials_changed_on_the_registrys_disk(site):
    digest = site.locked("sq-ner-diff").sbom_digest.removeprefix("sha256:")
    storage = site.server.docker_config.parent / "storage/docker/registry/v2/blobs/sha256"
    path = storage / digest[:2] / digest / "data"
    good = path.read_bytes()
    path.write_bytes(good.replace(b"SPDX-2.3", b"SPDX-2.2"))
    (line,) = verify(site)
    path.write_bytes(good)
    assert line.startswith("sq-ner-diff: registry: ")


def test_signature_of_another_key(site):
    other = site.folder / "other"
    other.mkdir()
    site.run(COSIGN, "generate-key-pair", "--output-key-prefix", other / "cosign")
    found = verify(site, "--key", other / "cosign.pub")
    for name in IMAGES:
        assert len(lines_about(found, f"{name}: signature: none by this key on sha256:")) == 1
        assert len(lines_about(found, f"{name}: signature of the SBOM: none by this key on sha256:")) == 1
        assert len(lines_about(found, f"{name}: provenance: none by this key")) == 1


def replace(site, name, predicate, bundle):
    """Puts a bundle in the place of those with a type of predicate, and leaves the others."""
    for old in site.bundles(name, predicate):
        site.regctl("manifest", "delete", "--referrers", f"{site.repository(name)}@{old}")
    (site.folder / "forged").write_text(json.dumps(bundle))
    flags = ["--artifact-type", BUNDLE, "--file-media-type", BUNDLE, "--file", "forged", "--by-digest"]
    site.regctl("artifact", "put", *flags, "--subject", site.reference(name), site.repository(name))


def forged(site, name, predicate, change):
    """The bundle of an image with another statement, which its signature does not fit."""
    (manifest,) = site.bundles(name, predicate)
    bundle = site.bundle(name, manifest)
    statement = releasing.statement(bundle)
    change(statement["predicate"])
    bundle["dsseEnvelope"]["payload"] = base64.b64encode(json.dumps(statement).encode()).decode()
    return bundle


def test_forged_signature(site):
    bundle = forged(site, "sq-ner-diff", SIGNATURE, lambda predicate: predicate.update(approved=True))
    replace(site, "sq-ner-diff", SIGNATURE, bundle)
    (line,) = verify(site, "--key", "cosign.pub")
    assert line.startswith("sq-ner-diff: signature: none by this key on " + site.locked("sq-ner-diff").digest)
    # cosign itself takes the provenance for a signature.
    assert "has other statements by this key, and no signature" in line
    repaired(site)


def test_signature_of_another_image(site):
    (manifest,) = site.bundles("sq-retrieve", SIGNATURE)
    replace(site, "sq-ner-diff", SIGNATURE, site.bundle("sq-retrieve", manifest))
    (line,) = verify(site, "--key", "cosign.pub")
    assert line.startswith("sq-ner-diff: signature: none by this key")
    repaired(site)


def test_forged_provenance(site):
    def change(predicate):
        predicate["buildDefinition"]["resolvedDependencies"][0]["digest"]["gitCommit"] = "2" * 40

    replace(site, "sq-ner-diff", PROVENANCE, forged(site, "sq-ner-diff", PROVENANCE, change))
    (line,) = verify(site, "--key", "cosign.pub")
    assert line == "sq-ner-diff: provenance: none by this key: push again with --sign-key"
    repaired(site)


def test_provenance_of_another_image(site):
    (manifest,) = site.bundles("sq-retrieve", PROVENANCE)
    replace(site, "sq-ner-diff", PROVENANCE, site.bundle("sq-retrieve", manifest))
    (line,) = verify(site, "--key", "cosign.pub")
    assert line.startswith("sq-ner-diff: provenance: none by this key")
    repaired(site)


def test_lock_with_another_commit(site):
    (line,) = edited(site, "sq-ner-diff", gitRevision="2" * 40, flags=["--key", "cosign.pub"])
    assert f"sq-ner-diff: provenance: gitCommit is '{COMMIT}', and the lock has '{'2' * 40}'" in line


@pytest.mark.parametrize("revision", ["", f"{COMMIT}-dirty"])
def test_lock_without_a_commit(site, revision):
    (line,) = edited(site, "sq-ner-diff", gitRevision=revision, flags=["--key", "cosign.pub"])
    assert line.endswith("so none can exist: release a commit")
