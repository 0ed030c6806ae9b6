"""Commands and configurations that pages show work as they stand."""

from __future__ import annotations

import csv
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import typer
import yaml
from commands import Shown, arguments, command_lines, labels, target_exists
from google.protobuf import json_format
from pages import ROOT, Line, Page, files, pages
from typer.main import get_command

from sq.v1.run_config_pb2 import MarketConfig
from sq_cli.__main__ import app
from sq_cli.run_config import read_run_config

# docs/bring-your-own-stage.md makes these.
_MADE_BY_A_PAGE = re.compile(r"^//(stages/tag_changes_(py|go)\b|bazel/image/locks:tag-changes\.)")
# Programs of others, whose flags are not ours to check.
_OTHERS = ("//bazel/oci_tools/", "//bazel/oci_tools:")
_FLAGS_OF_OTHERS = ("--privileged", "--userns")  # podman's


def all_commands() -> list[Shown]:
    return [shown for page in pages() for shown in command_lines(page)]


# Sample workflows of CI systems.
WORKFLOWS = (".github/workflows/ci.yml", ".gitlab-ci.yml")


def workflow(path: str) -> Page:
    """A sample workflow, as if it were a page."""
    lines = (ROOT / path).read_text(encoding="utf-8").splitlines()
    return Page(path, tuple(Line(number, line, "code") for number, line in enumerate(lines, 1)))


def sq_commands() -> list[tuple[Shown, list[str]]]:
    """Every `sq …` of the pages, with its arguments; `sq` by itself names the program."""
    found = [(one, arguments(one, "./bazelw run //:sq --") or arguments(one, "sq")) for one in all_commands()]
    return [(shown, words) for shown, words in found if words]


def test_labels_name_targets() -> None:
    missing = [
        f"{label.page}:{label.line}: no BUILD file has {label.text}"
        for page in (*pages(), *map(workflow, WORKFLOWS))
        for label in labels(page)
        if not _MADE_BY_A_PAGE.match(label.text) and not target_exists(label.text)
    ]
    assert not missing, "\n".join(missing)


@pytest.mark.parametrize(
    ("label", "there"),
    [("//:demo", True), ("//dags/...", True), ("//cli", False), ("//cli:sq", True), ("//nowhere:sq", False)],
)
def test_a_label_is_looked_up(label: str, there: bool) -> None:
    assert target_exists(label) is there


def test_sq_has_the_commands_and_flags() -> None:
    refused = []
    for shown, words in sq_commands():
        problem = parse(words, whole=shown.text.startswith("./bazelw"))
        if problem:
            refused.append(f"{shown}: {problem}")
    assert len(sq_commands()) > 8
    assert not refused, "\n".join(refused)


def parse(words: list[str], whole: bool) -> str | None:
    """What sq's own parser says against the words; whole: the command is complete, none of its arguments is missing."""
    group = get_command(app)
    try:
        name, command, rest = group.resolve_command(group.make_context("sq", list(words)), words)
        command.make_context(name, rest, resilient_parsing=not whole)
    except typer.Exit:
        return None
    except Exception as error:  # usage errors of the click that typer carries
        if not hasattr(error, "format_message"):
            raise
        return error.format_message()
    return None


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (["run", "market.yaml"], None),
        (["run"], "Missing argument"),
        (["walk"], "No such command"),
        (["run", "market.yaml", "--runtime", "boat"], "boat"),
        (["show", "latest", "--yaml"], "No such option"),
    ],
)
def test_a_wrong_command_is_refused(words: list[str], problem: str | None) -> None:
    said = parse(words, whole=True)
    assert said is None if problem is None else problem in said


def test_flags_of_other_programs_stand_in_their_source() -> None:
    unknown = []
    for shown in all_commands():
        match = re.match(r"\./bazelw run (//\S+) -- (.*)", shown.text)
        if not match or match[1] == "//:sq" or match[1].startswith(_OTHERS) or _MADE_BY_A_PAGE.match(match[1]):
            continue
        source = sources_of(match[1])
        flags = re.findall(r"(?<!\S)\[?--([a-z][a-z-]*)", match[2])
        unknown += [
            f"{shown}: {match[1]} has no --{flag}" for flag in flags if not re.search(rf'"(--)?{flag}"', source)
        ]
    assert not unknown, "\n".join(unknown)


def sources_of(label: str) -> str:
    """Text of the programs below a label's package; rules_oci's for the targets that push."""
    package = label.removeprefix("//").partition(":")[0]
    folders = [f"{package}/"] + (["bazel/rules_oci/oci/private/"] if label.endswith((".push", ".load")) else [])
    return "".join(
        (ROOT / path).read_text(encoding="utf-8")
        for path in files("*.py", "*.go", "*.sh")
        if path.startswith(tuple(folders))
    )


def test_flags_that_tables_list_are_somewhere_in_the_code() -> None:
    code = "".join((ROOT / path).read_text(encoding="utf-8") for path in files("*.py", "*.go", "*.sh", "*.bzl"))
    options = {name for command in get_command(app).commands.values() for one in command.params for name in one.opts}
    unknown = [
        str(shown)
        for shown in all_commands()
        for flag in re.match(r"(--[a-z][a-z-]*)?", shown.text)[0].split()
        if flag not in options and flag not in _FLAGS_OF_OTHERS and f'"{flag}"' not in code
    ]
    assert not unknown, "\n".join(unknown)


def test_the_example_of_the_readme_is_a_run_configuration(tmp_path: Path) -> None:
    (tmp_path / "market.yaml").write_text(fenced("README.md", "yaml"), encoding="utf-8")
    config = read_run_config(tmp_path / "market.yaml")
    assert [market.market for market in config.markets] == ["uk"]
    assert config.markets[0].evaluate.budget.max_calls == 5000


@pytest.mark.parametrize("path", ["docs/ner.md", "examples/searchd/README.md"])
def test_parts_of_a_configuration_have_its_fields(path: str) -> None:
    text = fenced(path, "yaml") if path.startswith("examples") else first_block(path)
    assert json_format.ParseDict(yaml.safe_load(text), MarketConfig()).ByteSize() > 0


def test_judge_of_the_page_rates_its_pairs(tmp_path: Path) -> None:
    (words,) = [words for shown, words in sq_commands() if words[0] == "judge" and "baseline" in words][:1]
    product = {"id": "1", "title": "red dress", "colour": "red", "category": "dress"}
    (tmp_path / "products.ndjson").write_text(json.dumps(product) + "\n", encoding="utf-8")
    (tmp_path / "pairs.csv").write_text("query,docid\nred dress,1\n", encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    environment.pop("BUILD_WORKING_DIRECTORY", None)
    done = subprocess.run(
        [sys.executable, "-m", "sq_cli", *words], cwd=tmp_path, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    with (tmp_path / "judged.csv").open(encoding="utf-8") as rows:
        (row,) = csv.DictReader(rows)
    assert (row["query"], row["docid"], row["judgment"]) == ("red dress", "1", "4")


def fenced(path: str, language: str) -> str:
    """The first fenced block of a language on a page."""
    (page,) = (page for page in pages() if page.path == path)
    lines = [line.text for line in page.lines if line.fence == language]
    return "\n".join(line for line in lines if not line.startswith("```"))


def first_block(path: str) -> str:
    """The first indented block of a page."""
    text = (ROOT / path).read_text(encoding="utf-8")
    return "\n".join(line[4:] for line in re.search(r"(?:^    .*\n)+", text, re.MULTILINE)[0].splitlines())
