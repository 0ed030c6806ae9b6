"""The provenance of an image: from which commit and target it was built, as a SLSA v1 predicate."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from release.lock import Locked
from release.table import Release

# docs/release.md describes it.
BUILD_TYPE = "urn:sq:image:v1"
_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")


def is_commit(revision: str) -> bool:
    """Whether a revision is a whole commit, without changes."""
    return bool(_COMMIT.fullmatch(revision))


def source_uri(remote: str) -> str:
    """The URI of a git remote, without user and password. Empty for no remote and for a folder."""
    remote = re.sub(r"^(?:[\w.-]+@)?([\w.-]+):(?!//)(.+)", r"ssh://\1/\2", remote.strip())
    parts = urlsplit(remote)
    if not parts.scheme or parts.scheme == "file" or not parts.hostname:
        return ""
    port = f":{parts.port}" if parts.port else ""
    return "git+" + urlunsplit((parts.scheme, parts.hostname + port, parts.path, "", ""))


def builder_id() -> str:
    """SQ_BUILDER_ID, or the workflow of GitHub's or GitLab's CI, or that of a machine that nobody vouches for."""
    if named := os.environ.get("SQ_BUILDER_ID"):
        return named
    if workflow := os.environ.get("GITHUB_WORKFLOW_REF"):
        return f"{os.environ.get('GITHUB_SERVER_URL', 'https://github.com')}/{workflow}"
    if project := os.environ.get("CI_PROJECT_URL"):
        return f"{project}/-/runners/{os.environ.get('CI_RUNNER_ID', '')}"
    return "urn:sq:builder:local"


def predicate(release: Release, commit: str, source: str, builder: str) -> dict[str, Any]:
    """https://slsa.dev/spec/v1.0/provenance about one image."""
    return {
        "buildDefinition": {
            "buildType": BUILD_TYPE,
            "externalParameters": {"image": release.name, "target": release.label, "version": release.version},
            "resolvedDependencies": [{**({"uri": source} if source else {}), "digest": {"gitCommit": commit}}],
        },
        "runDetails": {"builder": {"id": builder}},
    }


def commit_of(statement: Mapping[str, Any]) -> str:
    """The commit that a statement names; empty if it is of another form."""
    try:
        return statement["predicate"]["buildDefinition"]["resolvedDependencies"][0]["digest"]["gitCommit"]
    except (KeyError, IndexError, TypeError):
        return ""


def differences(statement: Mapping[str, Any], name: str, image: Locked) -> Iterator[str]:
    """Where a statement says something else than the lock."""
    definition = (statement.get("predicate") or {}).get("buildDefinition") or {}
    parameters = definition.get("externalParameters") or {}
    wanted = {
        "buildType": (definition.get("buildType"), BUILD_TYPE),
        "image": (parameters.get("image"), name),
        "version": (parameters.get("version"), image.released_version),
        "gitCommit": (commit_of(statement), image.git_revision),
    }
    for field, (found, expected) in wanted.items():
        if found != expected:
            yield f"{field} is {found!r}, and the lock has {expected!r}"
