"""Checks images with other tools: push to a registry with a password, copy, pull, and run read-only as 65532."""

from __future__ import annotations

import json
from pathlib import Path

import registry

from sq_cli.programs import read_pipeline
from sq_e2e.checks import Checks
from sq_images.site import RELEASES, Site, digest

# Program of each stage, and the image it is in.
PROGRAMS = {stage.contract.entrypoint[0]: stage.contract.image for stage in read_pipeline().stages}
IMAGES = tuple(dict.fromkeys(PROGRAMS.values()))
ALL = "sq-all"
SERVICE = "sq-ner"
CRANE = Path("bazel/oci_tools/crane").absolute()
REGCTL = Path("bazel/oci_tools/regctl").absolute()

# Checks the user, and that the container can write nothing outside its mounts.
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


def push(site: Site, name: str) -> None:
    target = f"{site.server.address}/{name}"
    out = site.run(RELEASES[name].push, "--repository", target, "--tag", "0.1.0")
    assert out.splitlines()[-1] == site.reference(name), f"pushed {out}"


def crane_sees_it(site: Site, name: str) -> None:
    tag = f"{site.server.address}/{name}:0.1.0"
    assert site.run(CRANE, "digest", tag).strip() == digest(name), "another digest by the tag"
    config = json.loads(site.run(CRANE, "config", tag))
    assert config["config"]["User"] == "65532:65532", f"user {config['config']['User']}"
    files = site.run("sh", "-c", '"$0" export "$1" - | tar -tf -', CRANE, tag).split("\n")
    assert "etc/passwd" in files, "crane exports no etc/passwd"


def regctl_copies_it(site: Site, name: str) -> None:
    target = f"{site.server.address}/copies/{name}:1"
    site.run(REGCTL, "image", "copy", site.reference(name), target)
    assert site.run(REGCTL, "image", "digest", target).strip() == digest(name), "another digest after the copy"


def containerd_pulls_it(site: Site, name: str) -> None:
    user = f"{registry.USER}:{registry.PASSWORD}"
    site.run("ctr", "images", "pull", "--plain-http", "--user", user, site.reference(name))
    assert digest(name) in site.run("ctr", "images", "list"), "containerd has another digest"


def helps(site: Site, name: str, *command: str, about: str = "-run-id") -> None:
    out = site.container(name, *command, "--help")
    # Go prints flags with one dash.
    assert about in out, f"no help: {out[:200]}"


def probe(site: Site, name: str) -> None:
    assert site.container(name, "/usr/bin/python3.11", "-c", _PROBE).strip() == "fine", "the probe did not finish"


def unknown_mode(site: Site) -> None:
    try:
        site.container(ALL, "sq-all", "--mode", "nothing")
    except AssertionError as error:
        message = str(error)
    else:
        raise AssertionError("an unknown mode was accepted")
    assert "ended with 2" in message, message
    assert "evaluate" in message, message


def check_tools(site: Site, checks: Checks) -> None:
    for name in (*IMAGES, SERVICE, ALL):
        with checks.check(f"{name}: pushed by oci_push"):
            push(site, name)
        with checks.check(f"{name}: read by crane"):
            crane_sees_it(site, name)
        with checks.check(f"{name}: copied by regctl"):
            regctl_copies_it(site, name)
        with checks.check(f"{name}: pulled by containerd"):
            containerd_pulls_it(site, name)
        if RELEASES[name].requirements:
            with checks.check(f"{name}: user, certificates, zones, byte code"):
                probe(site, name)
    for program, name in PROGRAMS.items():
        with checks.check(f"{program} --help"):
            helps(site, name, program)
        mode = program.removeprefix("sq-")
        with checks.check(f"sq-all --mode {mode} --help"):
            helps(site, ALL, "sq-all", "--mode", mode)
    with checks.check(f"{SERVICE} --help"):
        helps(site, SERVICE, SERVICE, about="--config")
    with checks.check("sq-all --mode nothing"):
        unknown_mode(site)
