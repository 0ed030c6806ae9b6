"""The statement of provenance: what it is made of, and where it disagrees with a lock."""

import pytest

from release import bill, provenance
from release.lock import Locked

COMMIT = "1" * 40
IMAGE = Locked("team/sq-a", "1.0.0", "sha256:" + "0" * 64, COMMIT)


@pytest.mark.parametrize(
    ("remote", "uri"),
    [
        ("", ""),
        ("https://git.example/team/sq.git", "git+https://git.example/team/sq.git"),
        ("https://user:secret@git.example:8443/sq?token=secret", "git+https://git.example:8443/sq"),
        ("git@git.example:team/sq.git", "git+ssh://git.example/team/sq.git"),
        ("ssh://git@git.example:22/team/sq.git", "git+ssh://git.example:22/team/sq.git"),
        ("/home/me/sq", ""),
        ("../sq", ""),
        ("file:///home/me/sq", ""),
    ],
)
def test_source_has_no_secret_and_no_folder(remote, uri):
    assert provenance.source_uri(remote) == uri


@pytest.mark.parametrize(
    ("variables", "builder"),
    [
        ({}, "urn:sq:builder:local"),
        (
            {"GITHUB_WORKFLOW_REF": "o/r/.github/workflows/ci.yml@refs/tags/v1"},
            "https://github.com/o/r/.github/workflows/ci.yml@refs/tags/v1",
        ),
        (
            {"CI_PROJECT_URL": "https://gitlab.example/o/r", "CI_RUNNER_ID": "7"},
            "https://gitlab.example/o/r/-/runners/7",
        ),
        ({"SQ_BUILDER_ID": "https://ci.example/1", "CI_PROJECT_URL": "https://x.example"}, "https://ci.example/1"),
    ],
)
def test_builder_is_the_ci(monkeypatch, variables, builder):
    for name in ("SQ_BUILDER_ID", "GITHUB_WORKFLOW_REF", "GITHUB_SERVER_URL", "CI_PROJECT_URL", "CI_RUNNER_ID"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert provenance.builder_id() == builder


def statement(**changes):
    parameters = {"image": "sq-a", "version": "1.0.0"} | changes.pop("parameters", {})
    definition = {
        "buildType": provenance.BUILD_TYPE,
        "externalParameters": parameters,
        "resolvedDependencies": [{"digest": {"gitCommit": COMMIT}}],
    }
    return {"predicate": {"buildDefinition": definition | changes}}


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (statement(), []),
        (statement(buildType="urn:other"), ["buildType"]),
        (statement(parameters={"image": "sq-b", "version": "2.0.0"}), ["image", "version"]),
        (statement(resolvedDependencies=[{"digest": {"gitCommit": "2" * 40}}]), ["gitCommit"]),
        (statement(resolvedDependencies=[]), ["gitCommit"]),
        ({"predicate": None}, ["buildType", "image", "version", "gitCommit"]),
    ],
)
def test_differences_name_the_field(found, said):
    assert [one.split(" ")[0] for one in provenance.differences(found, "sq-a", IMAGE)] == said


def test_version_of_a_changed_checkout_is_that_of_its_label():
    assert Locked("a", "1.0.0-dirty-0123456789ab", "sha256:0").released_version == "1.0.0"


@pytest.mark.parametrize(
    ("other", "same"),
    [
        (b'{"creationInfo": {"created": "2026-01-02T03:04:05Z"}, "name": "a"}', True),
        (b'{"creationInfo": {"created": "2026-01-02T03:04:05Z"}, "name": "b"}', False),
        (b'{"name": "a"}', False),
        (b"[]", False),
        (b"no JSON", False),
    ],
)
def test_bills_are_the_same_whatever_their_time(other, same):
    built = b'{"creationInfo": {"created": "1970-01-01T00:00:00Z"}, "name": "a"}'
    assert bill.same(built, other) == same
