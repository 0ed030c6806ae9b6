"""A registry with a password, and releases to it with the programs push and verify."""

import base64
import contextlib
import json
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

import registry

from release import lock, table

CRANE = Path("bazel/oci_tools/crane").absolute()
REGCTL = Path("bazel/oci_tools/regctl").absolute()
COSIGN = Path("bazel/oci_tools/cosign/cosign").absolute()
SPDX = "application/spdx+json"
SIGNATURE = "https://sigstore.dev/cosign/sign/v1"
BUNDLE = "application/vnd.dev.sigstore.bundle.v0.3+json"
PREFIX = "team/search"
PROVENANCE = "https://slsa.dev/provenance/v1"
COMMIT = "1" * 40
IMAGES = [one.name for one in table.read(table.TABLE)]


@dataclass(frozen=True)
class Site:
    """A registry, and the working directory of releases."""

    server: registry.Registry
    folder: Path

    @property
    def lock(self):
        return self.folder / "images.lock.json"

    @property
    def environment(self):
        return {
            "PATH": "/usr/bin:/bin",
            "HOME": str(self.folder),
            "DOCKER_CONFIG": str(self.server.docker_config),
            "COSIGN_PASSWORD": "of the key",
            "BUILD_WORKING_DIRECTORY": str(self.folder),
            "BUILD_WORKSPACE_DIRECTORY": str(self.folder),
            "RUNFILES_DIR": str(Path.cwd().parent),
        }

    def run(self, *command, code=0, **more):
        done = subprocess.run(
            [str(part) for part in command],
            env=self.environment | more,
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == code, done.stdout + done.stderr
        return done

    def push(self, *flags, code=0, **more):
        where = ["--registry", self.server.address, "--repository-prefix", PREFIX]
        return self.run(Path("release/push").absolute(), *where, *flags, code=code, **more)

    def verify(self, *flags, code=0):
        return self.run(Path("release/verify").absolute(), *flags, code=code).stdout.splitlines()

    def regctl(self, *arguments):
        return self.run(REGCTL, "--host", f"reg={self.server.address},tls=disabled", "-v", "error", *arguments).stdout

    def repository(self, name):
        return f"{self.server.address}/{PREFIX}/{name}"

    def locked(self, name):
        return lock.read(self.lock).images[name]

    def reference(self, name):
        return f"{self.repository(name)}@{self.locked(name).digest}"

    def attached(self, name, kind):
        found = self.regctl(
            "artifact",
            "list",
            "--filter-artifact-type",
            kind,
            "--format",
            "{{json .Descriptors}}",
            self.reference(name),
        )
        return [one["digest"] for one in json.loads(found)]

    def bundles(self, name, predicate):
        """The manifests that hold a statement about an image, by the type of its predicate."""
        manifests = {one: self.bundle(name, one) for one in self.attached(name, BUNDLE)}
        return [one for one, bundle in manifests.items() if statement(bundle)["predicateType"] == predicate]

    def bundle(self, name, manifest):
        return json.loads(self.regctl("artifact", "get", f"{self.repository(name)}@{manifest}"))

    def delete(self, name, kind, digest):
        assert self.server.request("DELETE", f"/v2/{PREFIX}/{name}/{kind}/{digest}").status == 202

    def writes(self):
        """Repositories with an upload, according to the registry's log."""
        log = (self.server.docker_config.parent / "log").read_text()
        return re.findall(r'"(?:PUT|POST|PATCH) /v2/(\S+?)/(?:blobs|manifests)/', log)


def statement(bundle):
    return json.loads(base64.b64decode(bundle["dsseEnvelope"]["payload"]))


@contextlib.contextmanager
def bare_site(folder):
    """Runs an empty registry for the block."""
    (folder / "registry").mkdir()
    with registry.running(folder / "registry") as server:
        yield Site(server, folder)
