"""Searches images for secrets: their configurations, and every file of every layer."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Iterable, Iterator

from release import table
from release.layouts import Blob, Image

# Patterns of keys, by issuer.
_SHAPES = {
    "a private key": rb"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----\s+[A-Za-z0-9+/=]{40,}",
    "an AWS key": rb"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b",
    "a GitHub token": rb"\b(?:ghp|gho|ghs|ghu)_[A-Za-z0-9]{36}\b|\bgithub_pat_[A-Za-z0-9_]{50,}",
    "an OpenAI key": rb"\bsk-(?:proj-)?[A-Za-z0-9_-]{40,}",
    "a Slack token": rb"\bxox[abprs]-[0-9]{8,}-[A-Za-z0-9-]{10,}",
    "a Google key": rb"\bAIza[A-Za-z0-9_-]{35}\b",
    "a service account": rb'"private_key_id"\s*:\s*"[0-9a-f]{40}"',
    "a token of npm or PyPI": rb"\bnpm_[A-Za-z0-9]{36}\b|\bpypi-AgEIcHlwaS5vcmc[A-Za-z0-9_-]{50,}",
    "a password in a URL": rb"\b[a-z]{3,10}://[A-Za-z0-9._-]{2,32}:(?!pass)[A-Za-z0-9!._-]{12,64}@[a-z0-9-]+\.[a-z]{2,}",
}
_SECRET_NAME = re.compile(r"KEY|TOKEN|SECRET|PASSWORD|CREDENTIAL", re.IGNORECASE)
_SHORTEST = 12


def patterns(values: Iterable[str] = ()) -> dict[str, re.Pattern[bytes]]:
    """The patterns to search for: those of keys, and the given secret values."""
    found = {kind: re.compile(shape) for kind, shape in _SHAPES.items()}
    for number, value in enumerate(value for value in values if len(value) >= _SHORTEST):
        found[f"secret value {number}"] = re.compile(re.escape(value.encode()))
    return found


def environment_secrets() -> list[str]:
    """The values of environment variables whose names suggest a secret."""
    return [value for name, value in os.environ.items() if _SECRET_NAME.search(name)]


def findings(data: bytes, wanted: dict[str, re.Pattern[bytes]]) -> Iterator[str]:
    """Describes each secret in a file, without the secret itself."""
    for kind, pattern in wanted.items():
        if match := pattern.search(data):
            yield f"{kind} at byte {match.start()}"


def scan_layer(layer: Blob, wanted: dict[str, re.Pattern[bytes]]) -> list[str]:
    return [f"{entry.name}: {what}" for entry, data in layer.entries() for what in findings(data, wanted)]


def scan_config(image: Image, wanted: dict[str, re.Pattern[bytes]]) -> list[str]:
    """Searches the configuration, and finds environment variables whose names suggest a secret. A path is none."""
    found = [f"configuration: {what}" for what in findings(json.dumps(image.config).encode(), wanted)]
    variables = (entry.partition("=") for entry in image.config["config"].get("Env", []))
    names = [name for name, _, value in variables if _SECRET_NAME.search(name) and not value.startswith("/")]
    return found + [f"configuration: variable {name}" for name in names]


def scan(images: list[Image], values: Iterable[str] = ()) -> list[str]:
    """All findings. A layer of several images is read once."""
    wanted = patterns(values)
    found = [f"{image.name}: {what}" for image in images for what in scan_config(image, wanted)]
    layers = {layer.digest: layer for image in images for layer in image.layers}
    return found + [what for layer in layers.values() for what in scan_layer(layer, wanted)]


def main() -> int:
    images = [one.image for one in table.read(table.TABLE)]
    found = scan(images, environment_secrets())
    print("\n".join([*found, f"{len(images)} images read, {len(found)} secrets found"]))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
