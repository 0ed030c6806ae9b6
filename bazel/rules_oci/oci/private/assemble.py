"""Makes an OCI image layout from layers and a configuration."""

from __future__ import annotations

import argparse
import copy
import json
import re
import sys
from pathlib import Path
from typing import Any

import layout
from layout import LayoutError, pairs_of

EPOCH = "1970-01-01T00:00:00Z"
# The original's expression: a brace belongs to the variable, with or without its other half.
_VARIABLE = re.compile(r"\$\{?(\w+)\}?", re.ASCII)
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")


def _lines(path: Path) -> list[str]:
    return [line for line in path.read_text(encoding="utf-8").split("\n") if line]


def arguments_of(path: Path) -> list[str]:
    """One argument for each line. %5Cn stands for a line break."""
    return [line.replace("%5Cn", "\n") for line in _lines(path)]


def names_of(path: Path, attribute: str) -> dict[str, dict[str, Any]]:
    """A set of ports or folders, separated by commas, in the form of a configuration.

    Raises:
        LayoutError: the file has a line break or a space, which the original takes as a part of a name.
    """
    text = path.read_text(encoding="utf-8")
    names = text.split(",") if text else []
    wrong = [name for name in names if not name or name != "".join(name.split())]
    if wrong:
        raise LayoutError(
            f"{attribute}: {wrong[0]!r} in {path} is not a name: separate the names by commas alone,"
            " without spaces and without a line break at the end (printf, not echo)"
        )
    return {name: {} for name in names}


def env_of(path: Path) -> list[tuple[str, str]]:
    """The lines of an env file.

    Raises:
        LayoutError: a line is not KEY=VALUE, or is empty, which the original takes for a variable without a name.
    """
    text = path.read_text(encoding="utf-8")
    if "" in text.removesuffix("\n").split("\n") and text:
        raise LayoutError(f"env: {path} has an empty line: remove it")
    return pairs_of(path)


def merge_env(base: list[str], pairs: list[tuple[str, str]]) -> list[str]:
    """The environment of a base, changed by pairs. Each value may use variables that were set before.

    A variable that nothing sets is empty.
    """
    env = dict(entry.partition("=")[::2] for entry in base)
    for key, value in pairs:
        env[key] = _VARIABLE.sub(lambda match: env.get(match[1], ""), value)
    return [f"{key}={value}" for key, value in env.items()]


def read_time(path: Path) -> str:
    """Reads a file with one RFC 3339 time.

    Raises:
        LayoutError: it holds something else, or a line break, which the original writes into the configuration.
    """
    text = path.read_text(encoding="utf-8")
    if not _TIME.fullmatch(text):
        raise LayoutError(
            f"created: {text!r} is not an RFC 3339 time like {EPOCH}:"
            " write one, without a line break at the end (printf, not echo)"
        )
    return text


def _scratch(flags: argparse.Namespace) -> tuple[dict[str, Any], dict[str, Any]]:
    config = {"created": EPOCH, "architecture": flags.architecture, "os": flags.os}
    if flags.variant:
        config["variant"] = flags.variant
    config |= {"config": {}, "history": [], "rootfs": {"type": "layers", "diff_ids": []}}
    return {"schemaVersion": 2, "mediaType": layout.MANIFEST, "config": {}, "layers": []}, config


def _from_base(base: Path, out: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    descriptor = layout.root(base)
    if descriptor.get("mediaType") in layout.INDEXES:
        raise LayoutError(f"base: {base} is an index: use an image of one platform")
    manifest = json.loads(layout.read_blob(base, descriptor))
    for layer in manifest["layers"]:
        layout.put_file(out, layout.blob_path(base, layer["digest"]), layer["digest"])
    return manifest, layout.config_of(base, manifest)


def _add_layers(manifest: dict[str, Any], config: dict[str, Any], out: Path, layers: list[tuple[Path, Path]]) -> None:
    docker = manifest.get("mediaType") == layout.DOCKER_MANIFEST
    config["history"] = config.get("history") or []
    for path, description in layers:
        layer = json.loads(description.read_bytes())
        suffix = layer["compression"] and ("." if docker else "+") + layer["compression"]
        media_type = (layout.DOCKER_LAYER if docker else layout.LAYER) + suffix
        manifest["layers"].append({"mediaType": media_type, "digest": layer["digest"], "size": layer["size"]})
        config["rootfs"]["diff_ids"].append(layer["diff_id"])
        config["history"].append({"created": EPOCH, "created_by": f"bazel build {layer['label']}"})
        layout.put_file(out, path, layer["digest"])


def configure(config: dict[str, Any], flags: argparse.Namespace) -> dict[str, Any]:
    """The configuration of an image: that of the base, changed by the flags."""
    config = copy.deepcopy(config)
    run = config.setdefault("config", {})
    if flags.created:
        config["created"] = read_time(flags.created)
    if flags.env:
        run["Env"] = merge_env(run.get("Env") or [], env_of(flags.env))
    if flags.entrypoint:
        run["Entrypoint"] = arguments_of(flags.entrypoint)
        run.pop("Cmd", None)
    if flags.cmd:
        run["Cmd"] = arguments_of(flags.cmd)
    if flags.user:
        run["User"] = flags.user
    if flags.workdir:
        run["WorkingDir"] = flags.workdir
    for key, attribute in (("ExposedPorts", "exposed_ports"), ("Volumes", "volumes")):
        if path := getattr(flags, attribute):
            run[key] = (run.get(key) or {}) | names_of(path, attribute)
    if flags.labels:
        run["Labels"] = (run.get("Labels") or {}) | dict(pairs_of(flags.labels))
    return config


def assemble(flags: argparse.Namespace) -> None:
    """Writes the layout that the flags describe."""
    layout.start(flags.output)
    manifest, config = _from_base(flags.base, flags.output) if flags.base else _scratch(flags)
    config = configure(config, flags)
    _add_layers(manifest, config, flags.output, flags.layer)
    if flags.annotations:
        manifest["annotations"] = manifest.get("annotations", {}) | dict(pairs_of(flags.annotations))
    config_type = manifest["config"].get("mediaType", layout.CONFIG)
    manifest["config"] = layout.put(flags.output, config, config_type)
    media_type = manifest.get("mediaType", layout.MANIFEST)
    descriptor = layout.put(flags.output, manifest, media_type)
    layout.finish(flags.output, descriptor | {"platform": layout.platform(config)})


def parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(allow_abbrev=False)
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--layer", type=Path, nargs=2, action="append", default=[])
    for name in ("architecture", "os", "user", "variant", "workdir"):
        parser.add_argument(f"--{name}")
    for name in ("annotations", "base", "cmd", "created", "entrypoint", "env", "labels", "volumes"):
        parser.add_argument(f"--{name}", type=Path)
    parser.add_argument("--exposed_ports", type=Path)
    return parser


if __name__ == "__main__":
    try:
        assemble(parser().parse_args())
    except LayoutError as error:
        sys.exit(str(error))
