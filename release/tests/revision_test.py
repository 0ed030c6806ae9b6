"""Releases from a git checkout: which commit they name, and what a checkout with changes may not."""

import pytest

from release import table
from release.tests import releasing
from release.tests.releasing import COSIGN, CRANE, PROVENANCE

SIDECAR = ["--image", "sq-xcom-sidecar"]


@pytest.fixture
def bare(tmp_path):
    with releasing.bare_site(tmp_path) as made:
        yield made


@pytest.fixture
def git(bare):
    """git in the folder of releases, with one commit."""

    def git_(*arguments):
        return bare.run("git", "-c", "user.name=a", "-c", "user.email=a@b.example", *arguments).stdout.strip()

    git_("init", "-q")
    (bare.folder / ".gitignore").write_text("registry\n.docker\n.sigstore\n")
    git_("add", ".gitignore")
    git_("commit", "-qm", "first")
    return git_


def test_a_changed_checkout_is_refused(bare, git):
    (bare.folder / "changed").touch()
    done = bare.push(*SIDECAR, code=2)
    assert "the checkout has changes (git status shows them)" in done.stderr
    assert "--allow-dirty" in done.stderr
    assert bare.writes() == []


def test_a_changed_checkout_gets_no_release_tag(bare, git):
    (bare.folder / "changed").touch()
    bare.push(*SIDECAR, "--allow-dirty")
    found = bare.locked("sq-xcom-sidecar")
    (one,) = [one for one in table.read(table.TABLE) if one.name == "sq-xcom-sidecar"]
    assert found.version == f"{one.version}-dirty-{found.digest.removeprefix('sha256:')[:12]}"
    assert found.git_revision == git("rev-parse", "HEAD") + "-dirty"
    tags = bare.run(CRANE, "ls", bare.repository("sq-xcom-sidecar")).stdout.split()
    # The other is the list of what is attached.
    assert tags == [found.digest.replace(":", "-"), found.version]
    # Once it is committed, the same image gets its release tag, and a commit in the lock.
    (bare.folder / "changed").unlink()
    bare.push(*SIDECAR)
    assert bare.locked("sq-xcom-sidecar").version == one.version
    assert bare.locked("sq-xcom-sidecar").git_revision == git("rev-parse", "HEAD")


def test_a_released_image_keeps_its_tag_in_a_changed_checkout(bare, git):
    bare.push(*SIDECAR)
    before = bare.locked("sq-xcom-sidecar")
    (bare.folder / "changed").touch()
    bare.push(*SIDECAR, "--allow-dirty")
    assert bare.locked("sq-xcom-sidecar") == before


def test_revision_is_that_of_the_checkout(bare, git):
    def revision():
        bare.push(*SIDECAR)
        return bare.locked("sq-xcom-sidecar").git_revision

    first = git("rev-parse", "HEAD")
    # The lock itself does not count as a change.
    assert [revision(), revision()] == [first, first]
    git("commit", "-q", "--allow-empty", "-m", "second")
    # Nothing has changed, so the lock keeps the commit.
    assert revision() == first


def test_provenance_tells_a_lost_lock_the_commit(bare, git):
    bare.run(COSIGN, "generate-key-pair", "--output-key-prefix", "registry/cosign")
    git("remote", "add", "origin", "https://user:secret@git.example:8443/team/sq.git?a=b")
    first = git("rev-parse", "HEAD")
    bare.push(*SIDECAR, "--sign-key", "registry/cosign.key")
    (manifest,) = bare.bundles("sq-xcom-sidecar", PROVENANCE)
    statement = releasing.statement(bare.bundle("sq-xcom-sidecar", manifest))
    (source,) = statement["predicate"]["buildDefinition"]["resolvedDependencies"]
    assert source == {"uri": "git+https://git.example:8443/team/sq.git", "digest": {"gitCommit": first}}
    bare.lock.unlink()
    git("commit", "-q", "--allow-empty", "-m", "second")
    bare.push(*SIDECAR, "--sign-key", "registry/cosign.key")
    assert bare.locked("sq-xcom-sidecar").git_revision == first
    assert bare.bundles("sq-xcom-sidecar", PROVENANCE) == [manifest]
