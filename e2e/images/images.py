"""Images by tools that are not ours: pushed to a registry with a password, copied, pulled, and run read-only as 65532.

Needs root, docker-registry, containerd and runc. Ends with 'N passed, N failed'.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import registry

IMAGES = ("sq-generate", "sq-retrieve", "sq-evaluate", "sq-ner-diff", "sq-report")
ALL = "sq-all"
PROGRAMS = {name: [name] for name in IMAGES} | {"sq-report": ["sq-report", "sq-consolidate"]}
CRANE = Path("bazel/oci_tools/crane").absolute()
REGCTL = Path("bazel/oci_tools/regctl").absolute()
PACKAGES = {"containerd": "containerd", "runc": "runc", "docker-registry": "docker-registry"}

# Who it is, and that it can write nothing but what is given to it.
_PROBE = """
import os, sys
assert (os.getuid(), os.getgid()) == (65532, 65532), os.getuid()
for folder in ("/", "/app", "/home/nonroot", "/var"):
    try:
        open(folder + "/probe", "w")
    except OSError:
        continue
    sys.exit(folder + " is writable")
import ssl
assert ssl.create_default_context().get_ca_certs(), "no certificates"
import zoneinfo
zoneinfo.ZoneInfo("Europe/Berlin")
import google.protobuf
assert google.protobuf.__cached__ and os.path.exists(google.protobuf.__cached__), "no byte code"
print("fine")
"""


class Failed(Exception):
    """A check did not hold."""


def require(holds: bool, message: str) -> None:
    if not holds:
        raise Failed(message)


@dataclass
class Tally:
    """Runs checks and counts them."""

    passed: int = 0
    failed: list[str] = field(default_factory=list)

    def check(self, name: str, action: Callable[[], None]) -> None:
        started = time.monotonic()
        try:
            action()
        except (Failed, subprocess.SubprocessError, OSError) as error:
            self.failed.append(name)
            print(f"FAIL {name}: {error}", flush=True)
        else:
            self.passed += 1
            print(f"ok   {name} ({time.monotonic() - started:.1f} s)", flush=True)


@dataclass(frozen=True)
class Site:
    """The registry and the containerd of this run."""

    server: registry.Registry
    folder: Path
    socket: Path

    @property
    def environment(self) -> dict[str, str]:
        return {
            "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
            "HOME": str(self.folder),
            "DOCKER_CONFIG": str(self.server.docker_config),
            "REGCTL_CONFIG": str(self.folder / "regctl.json"),
            "RUNFILES_DIR": str(Path.cwd().parent),
        }

    def run(self, *command: object, timeout: float = 300) -> str:
        parts = [str(part) for part in command]
        done = subprocess.run(parts, env=self.environment, capture_output=True, text=True, timeout=timeout, check=False)
        require(done.returncode == 0, f"{Path(parts[0]).name} ended with {done.returncode}: {done.stderr[-800:]}")
        return done.stdout

    def ctr(self, *arguments: object) -> str:
        return self.run("ctr", "--address", self.socket, *arguments)

    def reference(self, name: str) -> str:
        return f"{self.server.address}/{name}@{digest(name)}"

    def container(self, name: str, *command: str) -> str:
        """Runs a command in a container of the image: root file system read-only, the image's own user."""
        container = f"{name}-{time.monotonic_ns()}"
        return self.ctr("run", "--rm", "--read-only", self.reference(name), container, *command)


def digest(name: str) -> str:
    return Path(f"release/{name}.json.sha256").read_text().strip()


@contextlib.contextmanager
def containerd(folder: Path) -> Iterator[Path]:
    """A containerd of its own while the block runs; its socket."""
    socket = folder / "containerd.sock"
    config = folder / "containerd.toml"
    config.write_text(
        f'version = 2\nroot = "{folder}/root"\nstate = "{folder}/state"\n'
        f'disabled_plugins = ["io.containerd.grpc.v1.cri"]\n[grpc]\n  address = "{socket}"\n'
    )
    with (folder / "containerd.log").open("wb") as log:
        process = subprocess.Popen(["containerd", "--config", str(config)], stdout=log, stderr=log)
    try:
        end = time.monotonic() + 60
        while subprocess.run(["ctr", "--address", str(socket), "version"], capture_output=True, check=False).returncode:
            if process.poll() is not None or time.monotonic() > end:
                raise SystemExit("containerd does not start:\n" + (folder / "containerd.log").read_text()[-2000:])
            time.sleep(0.2)
        yield socket
    finally:
        process.terminate()
        process.wait()


def push(site: Site, name: str) -> None:
    target = f"{site.server.address}/{name}"
    out = site.run(f"release/push_{name}.push.sh", "--repository", target, "--tag", "0.1.0")
    require(out.splitlines()[-1] == site.reference(name), f"pushed {out}")


def crane_sees_it(site: Site, name: str) -> None:
    tag = f"{site.server.address}/{name}:0.1.0"
    require(site.run(CRANE, "digest", tag).strip() == digest(name), "another digest by the tag")
    config = json.loads(site.run(CRANE, "config", tag))
    require(config["config"]["User"] == "65532:65532", f"user {config['config']['User']}")
    files = site.run("sh", "-c", '"$0" export "$1" - | tar -tf -', CRANE, tag).split("\n")
    require("etc/passwd" in files, "crane exports no etc/passwd")


def regctl_copies_it(site: Site, name: str) -> None:
    target = f"{site.server.address}/copies/{name}:1"
    site.run(REGCTL, "image", "copy", site.reference(name), target)
    require(site.run(REGCTL, "image", "digest", target).strip() == digest(name), "another digest after the copy")


def containerd_pulls_it(site: Site, name: str) -> None:
    user = f"{registry.USER}:{registry.PASSWORD}"
    site.ctr("images", "pull", "--plain-http", "--user", user, site.reference(name))
    require(digest(name) in site.ctr("images", "list"), "containerd has another digest")


def helps(site: Site, name: str, *command: str) -> None:
    out = site.container(name, *command, "--help")
    # Go prints flags with one dash.
    require("-run-id" in out, f"no help: {out[:200]}")


def probe(site: Site, name: str) -> None:
    require(site.container(name, "/usr/bin/python3.11", "-c", _PROBE).strip() == "fine", "the probe said nothing")


def unknown_mode(site: Site) -> None:
    try:
        site.container(ALL, "sq-all", "--mode", "nothing")
    except Failed as error:
        require("ended with 2" in str(error) and "evaluate" in str(error), str(error))
    else:
        raise Failed("an unknown mode was accepted")


def check_all(site: Site, tally: Tally) -> None:
    for name in (*IMAGES, ALL):
        tally.check(f"{name}: pushed by oci_push", lambda name=name: push(site, name))
        tally.check(f"{name}: read by crane", lambda name=name: crane_sees_it(site, name))
        tally.check(f"{name}: copied by regctl", lambda name=name: regctl_copies_it(site, name))
        tally.check(f"{name}: pulled by containerd", lambda name=name: containerd_pulls_it(site, name))
        if name != "sq-retrieve":
            tally.check(f"{name}: user, certificates, zones, byte code", lambda name=name: probe(site, name))
    for name, programs in PROGRAMS.items():
        for program in programs:
            tally.check(f"{program} --help", lambda name=name, program=program: helps(site, name, program))
            mode = program.removeprefix("sq-")
            tally.check(f"sq-all --mode {mode} --help", lambda mode=mode: helps(site, ALL, "sq-all", "--mode", mode))
    tally.check("sq-all --mode nothing", lambda: unknown_mode(site))


def main() -> int:
    missing = [package for program, package in PACKAGES.items() if not _found(program)]
    if missing or os.geteuid():
        print(f"needs root and: apt-get install {' '.join(missing) or 'nothing more'}", file=sys.stderr)
        return 2
    tally = Tally()
    with tempfile.TemporaryDirectory(prefix="sq-images-") as name:
        folder = Path(name)
        with registry.running(folder) as server, containerd(folder) as socket:
            host = {"hosts": {server.address: {"tls": "disabled"}}}
            (folder / "regctl.json").write_text(json.dumps(host))
            check_all(Site(server, folder, socket), tally)
    print(f"{tally.passed} passed, {len(tally.failed)} failed")
    return 1 if tally.failed else 0


def _found(program: str) -> bool:
    return any(Path(folder, program).exists() for folder in ("/usr/bin", "/usr/sbin", "/usr/local/bin"))


if __name__ == "__main__":
    sys.exit(main())
