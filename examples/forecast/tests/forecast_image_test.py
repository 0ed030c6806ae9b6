"""The forecast model runs in the image that has Prophet, and not in the other one."""

import json
import os
import shutil
import subprocess
from functools import cache
from pathlib import Path

import pytest

from release.layouts import Image
from sq.v1.forecast_pb2 import ForecastRecord
from sq_handoff import ArtefactReader
from sq_models.keys import signing_key
from sq_models.signature import sign
from sq_weeks import traffic, write_week

MODEL = Path(__file__).parents[1] / "model"
WEEKS = 26


@cache
def image(name):
    return Image.open(Path("stages/predict_py") / name)


def unpacked(name, folder):
    """The image's own files, in a folder."""
    for layer in image(name).layers:
        for entry, data in layer.entries():
            if entry.isreg() and entry.name.startswith("app/"):
                path = folder / entry.name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(data)
                path.chmod(entry.mode)
    return folder


@pytest.fixture
def given(tmp_path, monkeypatch):
    """A signed model and its inputs; returns the program's arguments."""
    monkeypatch.setenv("SQ_KEYS", str(tmp_path / "keys"))
    model = shutil.copytree(MODEL, tmp_path / "model", ignore=shutil.ignore_patterns("__pycache__"))
    sign(model, signing_key())
    flags = ["--run-id", "r", "--market", "uk", "--config", json.dumps({"model": str(model)})]
    for week in range(WEEKS):
        write_week(str(tmp_path / f"week-{week}"), week, traffic(week))
        flags += ["--input", f"queries={tmp_path}/week-{week}"]
    return [*flags, "--output", str(tmp_path / "out")]


def run(name, folder, arguments):
    """Runs sq-predict of an image. It has no package of this interpreter."""
    root = unpacked(name, folder / name)
    command = ["/usr/bin/python3.11", "-P", "-s", "-S", root / "app/bin/sq-predict", *arguments]
    environment = {
        "HOME": str(folder),
        "PATH": "/usr/bin:/bin",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONPATH": f"{root}/app:{root}/app/site",
        "SQ_KEYS": os.environ["SQ_KEYS"],
    }
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def test_the_image_with_prophet_runs_the_forecast(given, tmp_path):
    done = run("prophet_image", tmp_path, given)
    assert done.returncode == 0, done.stderr
    summary, *segments = ArtefactReader.open(str(tmp_path / "out"), ForecastRecord)
    assert (summary.summary.method[:8], summary.summary.history_weeks) == ("prophet ", WEEKS)
    assert len(segments) == len(traffic(0)) + 1


def test_the_image_without_it_names_what_is_missing(given, tmp_path):
    done = run("image", tmp_path, given)
    assert done.returncode == 2, done.stderr
    assert "cannot be imported: No module named 'pandas'; run it in an image that has this library" in done.stderr


def test_neither_has_what_plots():
    names = {entry.name for layer in image("prophet_image").layers for entry, _ in layer.entries()}
    assert any(name.startswith("app/site/prophet/stan_model/prophet_model.bin") for name in names)
    assert not [name for name in names if name.startswith(("app/site/matplotlib", "app/site/PIL", "app/site/scipy"))]


def test_both_share_all_layers_but_those_of_prophet_and_the_program():
    plain, more = ({layer.digest for layer in image(name).layers} for name in ("image", "prophet_image"))
    assert len(more - plain) == 1
    assert plain < more
