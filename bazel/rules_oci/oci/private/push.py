"""Pushes a layout to a registry with crane: by digest first, so that no tag names half an image, then the tags."""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

import layout


def tags_of(path: Path | None) -> list[str]:
    return path.read_text(encoding="utf-8").split() if path else []


def repository_of(flags: argparse.Namespace) -> str:
    """The repository from the flag or the file. Raises SystemExit if none has it, or if it has a tag or a digest."""
    repository = flags.repository
    if not repository and flags.repository_file:
        repository = flags.repository_file.read_text(encoding="utf-8").strip()
    if not repository:
        sys.exit("no repository: use --repository, because the target has no repository and no repository_file")
    if "@" in repository or ":" in repository.rpartition("/")[2]:
        sys.exit(f"--repository: {repository} must have no tag and no digest: use --tag for tags")
    return repository


def real_layout(image: Path) -> Path:
    """The folder of the real files. In a sandbox, all files of a layout are links, which crane refuses."""
    return (image / "index.json").resolve().parent


def parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(allow_abbrev=False, description="Other flags, like --insecure, go to crane push.")
    parser.add_argument("--crane", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--image", type=Path, required=True, help=argparse.SUPPRESS)
    parser.add_argument("--tags-file", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--repository-file", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("-r", "--repository", help="like registry.example/team/image")
    parser.add_argument("-t", "--tag", action="append", default=[], help="a further tag; repeatable")
    return parser


def main(arguments: list[str]) -> int:
    flags, more = parser().parse_known_args(arguments)
    image = real_layout(flags.image)
    digest = layout.root(image)["digest"]
    reference = f"{repository_of(flags)}@{digest}"
    crane = str(Path(flags.crane).absolute())
    commands = [[crane, "push", str(image), reference, *more]]
    tags = dict.fromkeys([*flags.tag, *tags_of(flags.tags_file)])
    insecure = [flag for flag in more if flag.startswith("--insecure")]
    commands += [[crane, "tag", reference, tag, *insecure] for tag in tags]
    for command in commands:
        code = subprocess.run(command, check=False).returncode
        if code:
            return code
    print(reference)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
