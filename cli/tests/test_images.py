import json
from pathlib import Path

import pytest

from sq_cli.images import find_images
from sq_stagekit import InputError

DIGEST = "sha256:" + "1" * 64


def layout(folder: Path) -> None:
    folder.mkdir(parents=True)
    (folder / "index.json").write_text(json.dumps({"manifests": [{"digest": DIGEST}]}))


def lock(path: Path, **fields: str) -> Path:
    path.write_text(json.dumps({"registry": "r.example", "images": {"sq-report": {"digest": DIGEST} | fields}}))
    return path


def test_a_folder_holds_a_layout_an_image(tmp_path) -> None:
    layout(tmp_path / "sq-report")
    image = find_images(tmp_path).get("sq-report")
    assert (image.name, image.digest, image.layout) == ("sq-report", DIGEST, tmp_path / "sq-report")


def test_a_layout_alone_has_every_program(tmp_path) -> None:
    layout(tmp_path / "all")
    assert find_images(tmp_path / "all").get("sq-report").digest == DIGEST


def test_a_lock_names_images_by_digest(tmp_path) -> None:
    image = find_images(lock(tmp_path / "images.lock.json", gitRevision="abc")).get("sq-report")
    assert (image.reference, image.git_revision) == (f"r.example/sq-report@{DIGEST}", "abc")


def test_what_the_work_tree_built_is_found(tmp_path, monkeypatch) -> None:
    layout(tmp_path / "bazel-bin/release/sq-report")
    monkeypatch.setenv("BUILD_WORKSPACE_DIRECTORY", str(tmp_path))
    assert find_images(None).get("sq-report").digest == DIGEST


def test_nothing_built_says_what_to_build(tmp_path, monkeypatch) -> None:
    monkeypatch.delenv("BUILD_WORKSPACE_DIRECTORY", raising=False)
    with pytest.raises(InputError, match="bazelw build //release:images"):
        find_images(None)


BROKEN = {
    "no such file": (lambda folder: folder / "absent.json", "no images.lock.json"),
    "another file": (lambda folder: lock(folder / "x.json").rename(folder / "y.json"), "has no sq-evaluate"),
    "an empty folder": (lambda folder: folder, "no OCI layout"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_images_that_are_missing_are_named(case: str, tmp_path) -> None:
    make, message = BROKEN[case]
    with pytest.raises(InputError, match=message):
        find_images(make(tmp_path)).get("sq-evaluate")


def test_a_tag_is_no_digest(tmp_path) -> None:
    with pytest.raises(InputError, match="digest is 'latest'"):
        find_images(lock(tmp_path / "images.lock.json", digest="latest")).get("sq-report")
