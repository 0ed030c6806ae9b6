"""Raises versions in real git repositories."""

import json
import subprocess
from pathlib import Path

import pytest

from release import bump

CALLS = """\
load("//a.bzl", "image")

image(
    name = "other",
    version = "7.7.7",
)

image(
    name = "image",
    {field}"{version}",
)
"""
STAGE = "version = "
LABEL = '"org.opencontainers.image.version": '
CHANGELOG = "# Changelog\n\n## [Unreleased]\n\n### Added\n\n- Much.\n\n## 0.0.1\n\nOld.\n"
IMAGES = {
    "sq-all": {"target": "//release:image", "inputs": ["a/main.py", "b/main.py", "b/stage.textproto"]},
    "sq-a": {"target": "//a:image", "inputs": ["a/main.py"]},
    "sq-b": {"target": "//b:image", "inputs": ["b/main.py", "b/stage.textproto"]},
}


class Checkout:
    """A git repository with two stages and their image of both."""

    def __init__(self, root):
        self.root = root
        self.git("init", "-q")
        for image, row in IMAGES.items():
            folder = row["target"].removeprefix("//").partition(":")[0]
            field = LABEL if image == "sq-all" else STAGE
            self.write(f"{folder}/BUILD.bazel", CALLS.format(field=field, version="0.1.0"))
            self.write(f"{folder}/main.py", "")
        self.write("b/stage.textproto", "")
        self.write("CHANGELOG.md", CHANGELOG)
        self.write("inputs.json", json.dumps(IMAGES))
        self.commit("first")

    def git(self, *arguments):
        command = ["git", "-C", self.root, "-c", "user.name=a", "-c", "user.email=a@b.example", *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    def write(self, path, text):
        (self.root / path).parent.mkdir(exist_ok=True)
        (self.root / path).write_text(text)

    def read(self, path):
        return (self.root / path).read_text()

    def commit(self, message, **files):
        for path, text in files.items():
            self.write(path.replace("__", "/") + (".py" if "main" in path else ""), text)
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", message)
        return self.git("rev-parse", "--short=9", "HEAD")

    def release(self, version="0.1.0"):
        for image in IMAGES:
            self.git("tag", f"{image}-v{version}")

    def version(self, folder):
        return bump.Target(f"//{folder}:image").version(self.read(f"{folder}/BUILD.bazel"))


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    monkeypatch.setenv("BUILD_WORKSPACE_DIRECTORY", str(tmp_path))
    return Checkout(tmp_path)


@pytest.fixture
def run(checkout, capsys):
    def run_(*flags, code=0):
        assert bump.main(["--inputs", str(checkout.root / "inputs.json"), *flags]) == code
        out, err = capsys.readouterr()
        return err if code else out

    return run_


def raised(out):
    """Image to its new version."""
    lines = [line.split(":")[0].split(" ") for line in out.split("\n\n")[0].splitlines()]
    return {words[0]: words[3] for words in lines if "->" in words}


def test_first_versions_stay(checkout, run):
    out = run("--write")
    assert "sq-a 0.1.0: there is no tag sq-a-v0.1.0, and the version never changed: it is the first" in out
    assert checkout.git("status", "--porcelain") == ""


def test_a_change_raises_its_stage_and_sq_all(checkout, run):
    checkout.release()
    one = checkout.commit("a: faster", a__main="1")
    out = run()
    assert raised(out) == {"sq-all": "0.1.1", "sq-a": "0.1.1"}
    assert "nothing is written: add --write" in out
    assert checkout.git("status", "--porcelain") == ""
    run("--write")
    assert [checkout.version(folder) for folder in ("a", "b", "release")] == ["0.1.1", "0.1.0", "0.1.1"]
    assert 'version = "7.7.7"' in checkout.read("a/BUILD.bazel")
    images = f"\n### Images\n\nsq-all 0.1.1, sq-a 0.1.1.\n\n- a: faster ({one}: all images).\n"
    assert checkout.read("CHANGELOG.md") == CHANGELOG.replace("[Unreleased]\n", "[Unreleased]\n" + images)


def test_nothing_is_raised_twice(checkout, run):
    checkout.release()
    checkout.commit("a: faster", a__main="1")
    run("--write")
    assert "sq-a 0.1.1: is raised here already: commit it" in run("--write")
    checkout.commit("Versions")
    out = run("--write")
    assert raised(out) == {}
    assert checkout.git("status", "--porcelain") == ""
    # Without a tag, the change of the version is where the next changes begin.
    two = checkout.commit("b: better", b__main="1")
    assert raised(run("--write")) == {"sq-all": "0.1.2", "sq-b": "0.1.1"}
    changelog = checkout.read("CHANGELOG.md")
    assert changelog.count("### Images") == 1
    assert changelog.index(f"- b: better ({two}: all images).") < changelog.index("- a: faster")


def test_a_branch_merged_in_two_forms_is_told_once(checkout, run):
    checkout.release()
    checkout.commit("a: faster", a__main="1")
    two = checkout.commit("a: faster", a__main="2")
    out = run()
    assert out.count("- a: faster") == 1
    assert f"- a: faster ({two}: all images)." in out


@pytest.mark.parametrize(
    ("version", "message", "wanted"),
    [
        ("0.1.0", "a: anything", "0.1.1"),
        ("0.1.0", "fix: a", "0.1.1"),
        ("0.1.0", "feat(a): more", "0.2.0"),
        ("0.1.0", "feat!: other", "0.2.0"),
        ("1.2.3", "feat: more", "1.3.0"),
        ("1.2.3", "fix(a)!: other", "2.0.0"),
        ("1.2.3", "a: other\n\nBREAKING CHANGE: all", "2.0.0"),
    ],
)
def test_level_by_the_message(checkout, run, version, message, wanted):
    checkout.write("a/BUILD.bazel", CALLS.format(field=STAGE, version=version))
    checkout.commit("version")
    checkout.git("tag", f"sq-a-v{version}")
    checkout.commit(message, a__main="1")
    assert raised(run())["sq-a"] == wanted
    assert raised(run("--level", "patch"))["sq-a"] == version[:-1] + str(int(version[-1]) + 1)


def test_a_changed_contract_is_minor(checkout, run):
    checkout.release()
    checkout.write("b/stage.textproto", "1")
    checkout.commit("b: a flag")
    assert raised(run()) == {"sq-all": "0.2.0", "sq-b": "0.2.0"}


def test_what_no_image_is_made_of_raises_nothing(checkout, run):
    checkout.release()
    checkout.write("a/tests/main_test.py", "1")
    checkout.write("a/BUILD.bazel", checkout.read("a/BUILD.bazel").replace("7.7.7", "8.8.8"))
    checkout.commit("a: tests")
    assert raised(run()) == {}


def test_a_changed_declaration_raises_its_image(checkout, run):
    checkout.release()
    checkout.write(
        "a/BUILD.bazel", checkout.read("a/BUILD.bazel").replace('    version = "0', '    a = 1,\n    version = "0')
    )
    checkout.commit("a: setting")
    assert raised(run()) == {"sq-a": "0.1.1"}


def test_a_removed_input_raises_its_image(checkout, run):
    checkout.write("a/gone.py", "")
    checkout.write("c/gone.py", "")
    checkout.commit("more")
    checkout.release()
    (checkout.root / "c/gone.py").unlink()
    checkout.commit("c: less")
    assert raised(run()) == {}
    (checkout.root / "a/gone.py").unlink()
    checkout.commit("a: less")
    assert raised(run()) == {"sq-all": "0.1.1", "sq-a": "0.1.1"}


def test_an_image_asked_for_by_name_is_raised(checkout, run):
    assert raised(run("--image", "sq-b", "--write")) == {"sq-b": "0.1.1"}
    assert checkout.version("b") == "0.1.1"


@pytest.mark.parametrize(
    ("change", "flags", "said"),
    [
        ({}, ["--image", "sq-c"], "--image: unknown image sq-c; choose from sq-all, sq-a, sq-b"),
        (
            {"CHANGELOG.md": "# Changelog\n"},
            ["--image", "sq-a", "--write"],
            "CHANGELOG.md has no line '## [Unreleased]'",
        ),
        ({"a/BUILD.bazel": CALLS.format(field=STAGE, version="1.0")}, ["--image", "sq-a"], "version: '1.0' is not"),
        ({"a/BUILD.bazel": "load()\n"}, [], "a/BUILD.bazel: //a:image declares no version"),
    ],
)
def test_wrong_input(checkout, run, change, flags, said):
    for path, text in change.items():
        checkout.write(path, text)
    checkout.commit("wrong", a__other="1")
    assert said in run(*flags, code=2)
    assert checkout.git("status", "--porcelain") == ""


def test_no_git_checkout(tmp_path_factory, run, checkout, monkeypatch):
    folder = tmp_path_factory.mktemp("plain")
    (folder / "a").mkdir()
    (folder / "a/BUILD.bazel").write_text(checkout.read("a/BUILD.bazel"))
    monkeypatch.setenv("BUILD_WORKSPACE_DIRECTORY", str(folder))
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(folder.parent))
    assert "not a git repository" in run("--image", "sq-a", code=2)


def test_inputs_of_the_images_built_here():
    images = json.loads(Path("release/inputs.json").read_text())
    report, everything = (set(images[name]["inputs"]) for name in ("sq-report", "sq-all"))
    assert images["sq-report"]["target"] == "//stages/report_py:image"
    assert {"stages/report_py/stage.textproto", "libs/handoff/py/sq_handoff/__init__.py"} <= report <= everything
    assert {"go.sum", "stages/retrieve_go/stage.go"} <= set(images["sq-retrieve"]["inputs"]) <= everything
    assert {"bazel/debian/lock.json", "bazel/image/locks/report.lock"} <= report
    assert not [path for path in report if "/tests/" in path or path.startswith(("stages/evaluate_py", "external"))]
    assert not [path for path in everything if path.endswith("_test.go")]
