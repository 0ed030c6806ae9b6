"""Proposes versions of images, from the commits since the last that changed what an image is made of."""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from release.commits import Commit, GitError, History
from release.versions import LEVELS, Target, VersionError, raised

INPUTS = Path(__file__).with_name("inputs.json")
TOGETHER = "sq-all"
_SECTION = "## [Unreleased]\n"
_HEADING = "### Images\n"


class BumpError(ValueError):
    """Wrong input. The message says what to do."""


@dataclass(frozen=True)
class Bump:
    """What to do with the version of one image.

    Attributes:
        old: the version that its BUILD file declares.
        base: the commit that its changes are counted from: of its tag, or of the last change of its version.
        commits: that changed what it is made of, the newest first.
        new: the version to declare, or None for no change.
        why: the reason for that.
    """

    image: str
    target: Target
    old: str
    base: str | None
    commits: tuple[Commit, ...]
    new: str | None
    why: str

    def __str__(self) -> str:
        return f"{self.image} {self.old}{f' -> {self.new}' if self.new else ''}: {self.why}"


def tag_of(image: str, version: str) -> str:
    return f"{image}-v{version}"


def _version_change(history: History, target: Target, version: str) -> str | None:
    """The commit that replaced another version by this one, or None."""
    for one in history.touching(target.build_file):
        after, before = (target.version(history.text(at, target.build_file)) for at in (one, f"{one}^"))
        if after == version != before:
            return one if before else None
    return None


def _touching(history: History, target: Target, inputs: Sequence[str], commits: Sequence[Commit]) -> Iterator[Commit]:
    """The commits that changed an input, removed a file beside one, or changed the declaration of the image."""
    files = set(inputs)
    folders = {PurePosixPath(path).parent for path in inputs}
    for commit in commits:
        build = target.build_file
        if commit.changed & files or any(PurePosixPath(path).parent in folders for path in commit.removed):
            yield commit
        elif build in commit.changed:
            before, after = (history.text(at, build) for at in (f"{commit.revision}^", commit.revision))
            if target.declaration(before) != target.declaration(after):
                yield commit


def plan(root: Path, images: Mapping[str, Mapping], chosen: Sequence[str], level: str | None) -> list[Bump]:
    """What to do with each image. A chosen image is raised in any case.

    Raises:
        BumpError: an image is unknown.
        GitError: root is not in a git checkout.
    """
    unknown = sorted(set(chosen) - set(images))
    if unknown:
        raise BumpError(f"--image: unknown image {unknown[0]}; choose from {', '.join(images)}")
    history = History.of(root)
    return [_bump(history, name, images[name], bool(chosen), level) for name in images if not chosen or name in chosen]


def _bump(history: History, image: str, row: Mapping, asked: bool, level: str | None) -> Bump:
    target = Target(row["target"])
    version = target.version((history.root / target.build_file).read_text(encoding="utf-8"))
    if version is None:
        raise BumpError(f'{target.build_file}: {target.label} declares no version: write version = "0.1.0"')
    if version != target.version(history.text("HEAD", target.build_file)):
        return Bump(image, target, version, None, (), None, "is raised here already: commit it")
    tag = tag_of(image, version)
    base = history.commit_of_tag(tag) or _version_change(history, target, version)
    commits = tuple(_touching(history, target, row["inputs"], history.since(base))) if base else ()
    if base:
        why = f"{len(commits)} commits since {base[:9]} changed what it is made of"
    else:
        why = f"there is no tag {tag}, and the version never changed: it is the first"
    levels = [one.level for one in commits]
    if any(path.endswith("stage.textproto") and path in row["inputs"] for one in commits for path in one.changed):
        levels.append("minor")
    if not commits and not asked:
        return Bump(image, target, version, base, commits, None, why)
    chosen = level or max(levels, key=LEVELS.index, default="patch")
    return Bump(image, target, version, base, commits, raised(version, chosen), why)


def entry(bumps: Sequence[Bump]) -> str:
    """The text for the changelog: the versions, and each commit once with the images that it changed.

    Commits with one message are one: a branch may be merged in two forms.
    """
    images: dict[str, dict[str, None]] = {}
    commits: dict[str, Commit] = {}
    for bump in bumps:
        for commit in bump.commits:
            commits.setdefault(commit.message, commit)
            images.setdefault(commit.message, {})[bump.image] = None
    lines = [_wrapped(", ".join(f"{one.image} {one.new}" for one in bumps) + ".", ""), ""]
    for message, names in images.items():
        # sq-all has every stage, so it goes without saying.
        told = [one for one in names if one != TOGETHER] or list(names)
        who = "all images" if set(names) == {one.image for one in bumps} and len(names) > 1 else ", ".join(told)
        commit = commits[message]
        lines.append(_wrapped(f"- {commit.subject.rstrip('.')} ({commit.revision[:9]}: {who}).", "  "))
    return "\n".join(lines).rstrip() + "\n"


def _wrapped(text: str, indent: str) -> str:
    return textwrap.fill(text, 108, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)


def with_entry(changelog: str, text: str) -> str:
    """The changelog with a text first under `### Images` of its unreleased section.

    Raises:
        BumpError: it has no such section.
    """
    before, found, after = changelog.partition(_SECTION)
    if not found:
        raise BumpError(f"CHANGELOG.md has no line {_SECTION.strip()!r}: add it above the newest changes")
    section, next_, rest = re.match(r"(.*?)(^## |\Z)(.*)", after, re.DOTALL | re.MULTILINE).groups()
    head, heading, tail = section.partition(_HEADING)
    section = f"{head}{heading}\n{text}{tail}" if heading else f"\n{_HEADING}\n{text}{section}"
    return before + found + section + next_ + rest


def write(root: Path, bumps: Sequence[Bump]) -> list[str]:
    """Writes versions and changelog. Returns the changed paths."""
    # The texts first, so that an error leaves all files as they are.
    texts = {"CHANGELOG.md": with_entry((root / "CHANGELOG.md").read_text(encoding="utf-8"), entry(bumps))}
    for bump in bumps:
        path = bump.target.build_file
        text = texts.get(path) or (root / path).read_text(encoding="utf-8")
        texts[path] = bump.target.with_version(text, bump.new)
    for path, text in texts.items():
        (root / path).write_text(text, encoding="utf-8")
    return list(texts)


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(prog="bump", description=__doc__, allow_abbrev=False)
    made.add_argument("--write", action="store_true", help="write the versions, and CHANGELOG.md")
    made.add_argument("--image", action="append", default=[], help="raise this image in any case; repeatable")
    made.add_argument("--level", choices=LEVELS, help="default: by the messages of the commits")
    made.add_argument("--inputs", default=INPUTS, type=Path, help=argparse.SUPPRESS)
    return made


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit code: 0 done; 2 wrong input, and nothing written."""
    flags = parser().parse_args(arguments)
    root = Path(os.environ.get("BUILD_WORKSPACE_DIRECTORY", Path.cwd()))
    try:
        bumps = plan(root, json.loads(flags.inputs.read_text(encoding="utf-8")), flags.image, flags.level)
        raises = [one for one in bumps if one.new]
        for one in bumps:
            print(one)
        if raises:
            print("", entry(raises), sep="\n", end="")
        if raises and flags.write:
            print("", "written: " + ", ".join(write(root, raises)), sep="\n")
        elif raises:
            print("", "nothing is written: add --write", sep="\n")
    except (BumpError, VersionError, GitError) as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
