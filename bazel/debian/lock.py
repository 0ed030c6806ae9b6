"""Renews lock.json from packages.txt, java.json from java.txt and redis.json from redis.txt, with this machine's apt.

Run `apt-get update` first, to get the current versions.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
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


def look_up(names: list[str]) -> list[dict[str, str]]:
    """Returns the entry of lock.json for each name.

    Raises:
        SystemExit: apt does not know a package, or has no place to download it from.
    """
    environment = os.environ | {"LC_ALL": "C"}
    command = ["apt-cache", "show", "--no-all-versions", *names]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    found = {stanza["Package"]: stanza for stanza in stanzas(done.stdout) if "SHA256" in stanza}
    missing = [name for name in names if name not in found]
    if missing:
        sys.exit(f"apt does not know {', '.join(missing)}: run apt-get update, or correct packages.txt\n{done.stderr}")
    return [{field.lower(): found[name][field] for field in _FIELDS} for name in names]


def renew(names: Path, lock: Path) -> None:
    """Writes a lock of the packages that a file names, and prints the changes."""
    before = {entry["package"]: entry["version"] for entry in json.loads(lock.read_text())} if lock.exists() else {}
    entries = look_up(wanted(names))
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


if __name__ == "__main__":
    main()
