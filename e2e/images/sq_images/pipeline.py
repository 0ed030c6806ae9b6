"""Runs the pipeline of the sample market from images, and compares it with the same run by processes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import yaml

from sq_e2e.checks import Checks
from sq_e2e.shop import KEY, Shop
from sq_images.site import Site, digest
from sq_images.tools import IMAGES

_USER = 65532
_JOBS = ("--jobs", "2")


def write_lock(site: Site) -> Path:
    """Locks the pushed images, as a release does. Returns the path of the lock."""
    path = site.folder / "images.lock.json"
    images = {name: {"repository": name, "digest": digest(name)} for name in IMAGES}
    path.write_text(json.dumps({"registry": site.server.address, "images": images}))
    return path


def check_pipeline(site: Site, shop: Shop, checks: Checks) -> None:
    shop = replace(shop, environment=shop.environment | site.environment)
    released = ("--runtime", "container", "--engine", "ctr", "--images", str(write_lock(site)), *_JOBS)
    built = ("--runtime", "container", "--engine", "podman", *_JOBS)
    expected: dict[str, str] = {}
    with checks.check("the pipeline by processes"):
        shop.finish("process", *_JOBS)
        expected |= shop.digests("process")
    for name, options in {"ctr, released images": released, "podman, built images": built}.items():
        run_id = options[3]
        with checks.check(f"the pipeline by {name}: equal digests"):
            shop.finish(run_id, *options)
            assert len(expected) > 10, "too few artefacts to compare with"
            assert shop.digests(run_id) == expected, _difference(shop.digests(run_id), expected)
        with checks.check(f"the pipeline by {name}: of the images, not of root"):
            _of_images(shop, run_id)
    with (
        checks.check("SIGTERM to sq: ends with 75, and no secret was on a command line"),
        _judging(shop, "disturbed", released) as run,
    ):
        assert not (lines := _command_lines_with(KEY)), f"the key is in {lines}"
        run.send_signal(signal.SIGTERM)
        _ends_with(75, run)
    with checks.check("a container killed in the middle: ends with 1, is named, and nothing is left of it"):
        kept = _kept(shop)
        before = len(shop.asked())
        with _judging(shop, "disturbed", released) as run:
            site.run("ctr", "tasks", "kill", "--signal", "SIGKILL", _container_of(site, "evaluate"))
            assert "failed" in (log := _ends_with(1, run)), log
        assert not kept & set(shop.asked(before)), "a call was repeated although its answer was stored"
        assert not site.run("ctr", "containers", "list", "--quiet").split(), "a container still exists"
    with checks.check("kill -9 of sq: the resumed run takes over, with equal digests and no call twice"):
        with _judging(shop, "disturbed", released) as run:
            run.kill()
            run.communicate()
        kept = _kept(shop)
        before = len(shop.asked())
        shop.finish("disturbed", *released)
        # The run that lost a market may have left its page too.
        found = {place: one for place, one in shop.digests("disturbed").items() if "-without-" not in place}
        assert found == expected, _difference(found, expected)
        assert not kept & set(shop.asked(before)), "a call was repeated although its answer was stored"
        assert not site.run("ctr", "containers", "list", "--quiet").split(), "a container still exists"
    for options in (released, built):
        with checks.check(f"bad input by {options[3]}: ends with 2 and is named"):
            log = _with_bad_input(shop).finish(f"bad-{options[3]}", *options, expect=2)
            assert "gazetteer" in log, log


def _difference(found: dict[str, str], expected: dict[str, str]) -> str:
    return f"digests differ in {sorted(place for place, _ in found.items() ^ expected.items())}"


def _of_images(shop: Shop, run_id: str) -> None:
    """Checks that each artefact names the image that made it, and belongs to the user of the images."""
    images = {digest(name) for name in IMAGES}
    for path in (shop.workspace / run_id).rglob("manifest.json"):
        provenance = json.loads(path.read_text())["provenance"]
        assert provenance["imageDigest"] in images, f"{path} was made by the image {provenance['imageDigest']}"
        assert path.stat().st_uid == _USER, f"{path} is owned by {path.stat().st_uid}"


@contextmanager
def _judging(shop: Shop, run_id: str, options: tuple[str, ...]) -> Iterator[subprocess.Popen]:
    """A run that has called the judge. The whole run is killed after the block."""
    before = len(shop.asked())
    run = shop.start(run_id, *options)
    try:
        shop.await_call(run, before)
        yield run
    finally:
        if run.poll() is None:
            os.killpg(run.pid, signal.SIGKILL)
            run.communicate()


def _kept(shop: Shop) -> set[str]:
    """Digests of the requests whose answers the disturbed run has stored. Raises AssertionError for none."""
    kept = shop.kept_answers("disturbed")
    assert kept, "no answer is stored yet, so none could be asked for again"
    return kept


def _ends_with(code: int, run: subprocess.Popen) -> str:
    _, log = run.communicate(timeout=900)
    assert run.returncode == code, f"ended with {run.returncode}: {log.decode()[-1000:]}"
    return log.decode()


def _container_of(site: Site, stage: str) -> str:
    """The container of a stage that has run for the longest time."""
    lines = [line.split() for line in site.run("ctr", "tasks", "list").splitlines()]
    running = [line[0] for line in lines if line[-1] == "RUNNING" and stage in line[0]]
    assert running, f"no {stage} is running: {lines}"
    return running[0]


def _command_lines_with(secret: str) -> list[str]:
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = path.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue  # the process has ended
        if secret in line:
            found.append(line)
    return found


def _with_bad_input(shop: Shop) -> Shop:
    """The shop with a broken gazetteer, which only the stage can notice."""
    gazetteer = shop.config.parent / "broken.csv"
    gazetteer.write_text("no,columns,we,know\n1,2,3,4\n")
    config = yaml.safe_load(shop.config.read_text(encoding="utf-8"))
    for market in config["markets"]:
        market["generate"]["gazetteer_uri"] = gazetteer.name
    path = shop.config.parent / "bad.yaml"
    path.write_text(yaml.safe_dump(config), encoding="utf-8")
    return replace(shop, config=path)
