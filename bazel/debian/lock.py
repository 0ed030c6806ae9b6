"""Renews lock.json from packages.txt, and java.json, redis.json and arm64.json from their .txt, with apt.

Run `apt-get update` first, to get the current versions.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

_FIELDS = ("Package", "Version", "Architecture", "Filename", "SHA256")


def wanted(path: Path) -> list[str]:
    """The names in packages.txt."""
    lines = (line.partition("#")[0].strip() for line in path.read_text(encoding="utf-8").split("\n"))
    return sorted(line for line in lines if line)


def stanzas(text: str) -> list[dict[str, str]]:
    """The fields of each paragraph of a control file, without their continuation lines."""
    return [
        dict(line.split(": ", 1) for line in paragraph.split("\n") if ": " in line and line[0] != " ")
        for paragraph in text.split("\n\n")
        if paragraph.strip()
    ]


@contextlib.contextmanager
def options(architecture: str) -> Iterator[list[str]]:
    """Flags by which apt knows the packages of another processor, in a folder of their own; none without one."""
    if not architecture:
        yield []
        return
    with tempfile.TemporaryDirectory() as folder:
        for name in ("lists/partial", "cache/archives/partial"):
            Path(folder, name).mkdir(parents=True)
        flags = [f"APT::Architecture={architecture}", f"APT::Architectures={architecture}"]
        flags += [f"Dir::State::lists={folder}/lists", f"Dir::Cache={folder}/cache", "APT::Sandbox::User=root"]
        made = [part for flag in flags for part in ("-o", flag)]
        subprocess.run(["apt-get", *made, "-qq", "update"], check=True)
        yield made


def look_up(names: list[str], flags: list[str]) -> list[dict[str, str]]:
    """Returns the entry of lock.json for each name.

    Args:
        flags: for apt.

    Raises:
        SystemExit: apt does not know a package, or has no place to download it from.
    """
    environment = os.environ | {"LC_ALL": "C"}
    command = ["apt-cache", *flags, "show", "--no-all-versions", *names]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    found = {stanza["Package"]: stanza for stanza in stanzas(done.stdout) if "SHA256" in stanza}
    missing = [name for name in names if name not in found]
    if missing:
        sys.exit(f"apt does not know {', '.join(missing)}: run apt-get update, or correct packages.txt\n{done.stderr}")
    return [{field.lower(): found[name][field] for field in _FIELDS} for name in names]


def renew(names: Path, lock: Path, architecture: str = "") -> None:
    """Writes a lock of the packages that a file names, and prints the changes.

    Args:
        architecture: of the packages, if it is not this machine's.
    """
    before = {entry["package"]: entry["version"] for entry in json.loads(lock.read_text())} if lock.exists() else {}
    with options(architecture) as flags:
        entries = look_up(wanted(names), flags)
    lock.write_text(json.dumps(entries, indent=2) + "\n", encoding="utf-8")
    for entry in entries:
        old = before.get(entry["package"])
        if old != entry["version"]:
            print(f"{entry['package']}: {old or 'new'} -> {entry['version']}")
    print(f"{lock.name}: {len(entries)} packages locked")


def main() -> None:
    folder = Path(os.environ["BUILD_WORKSPACE_DIRECTORY"]) / "bazel/debian"
    renew(folder / "packages.txt", folder / "lock.json")
    renew(folder / "java.txt", folder / "java.json")
    renew(folder / "redis.txt", folder / "redis.json")
    renew(folder / "arm64.txt", folder / "arm64.json", "arm64")


if __name__ == "__main__":
    main()
