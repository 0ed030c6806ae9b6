"""Pushes a layout to a registry by crane: by digest first, so that no tag ever names half an image; then the tags."""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

import layout


def tags_of(path: Path | None) -> list[str]:
    return path.read_text(encoding="utf-8").split() if path else []


def repository_of(flags: argparse.Namespace) -> str:
    """The flag, else the file. Raises SystemExit if there is neither, or if it names a tag or a digest."""
    repository = flags.repository
    if not repository and flags.repository_file:
        repository = flags.repository_file.read_text(encoding="utf-8").strip()
    if not repository:
        sys.exit("no repository: give --repository, as the target has neither repository nor repository_file")
    if "@" in repository or ":" in repository.rpartition("/")[2]:
        sys.exit(f"--repository: {repository} should have no tag and no digest; tags go to --tag")
    return repository


def real_layout(image: Path) -> Path:
    """Where the files lie: crane refuses links, and in a sandbox every file of a layout is one."""
    return (image / "index.json").resolve().parent


def parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        allow_abbrev=False, description="What is not known here goes to crane push, like --insecure."
    )
    parser.add_argument("--crane", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--image", type=Path, required=True, help=argparse.SUPPRESS)
    parser.add_argument("--tags-file", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--repository-file", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("-r", "--repository", help="like registry.example/team/image")
    parser.add_argument("-t", "--tag", action="append", default=[], help="one more tag; may be given again")
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
