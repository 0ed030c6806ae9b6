"""`sq doctor` checks whether this machine is ready, and says what is missing."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import httpx
import typer

from sq.v1.retrieve_config_pb2 import RetrieveConfig
from sq_cli.console import out
from sq_cli.engines.choice import ENGINES
from sq_cli.programs import find_program, read_pipeline
from sq_cli.run_config import read_run_config
from sq_handoff import Store
from sq_stagekit.errors import EXIT_BAD_INPUT, InputError

_FREE_BYTES = 1 << 30
_TIMEOUT_SECONDS = 5


@dataclass(frozen=True)
class Finding:
    """The result of one check. For a problem, the detail has its fix."""

    name: str
    ok: bool
    detail: str


def doctor(
    config: Annotated[Path | None, typer.Argument(help="Run configuration (YAML) to check as well.")] = None,
) -> int:
    """Check that this machine has what a run needs. With CONFIG, check its files and endpoints too."""
    findings = list(_machine())
    if config is not None:
        findings += _configured(config)
    for finding in findings:
        out.print("[green]ok  [/] " if finding.ok else "[red]FAIL[/] ", end="")
        out.print(f"{finding.name}: {finding.detail}", markup=False)
    return 0 if all(finding.ok for finding in findings) else EXIT_BAD_INPUT


def _check(name: str, look: Callable[[], str]) -> Finding:
    try:
        return Finding(name, True, look())
    except InputError as error:
        return Finding(name, False, f"{error.problem}; {error.fix}")
    except (OSError, ValueError, httpx.HTTPError) as error:
        return Finding(name, False, str(error) or type(error).__name__)


def _machine() -> Iterator[Finding]:
    yield _check("wiring", lambda: f"{len(read_pipeline().stages)} stages")
    try:
        names = [stage.contract.entrypoint[0] for stage in read_pipeline().stages]
    except InputError:
        names = []
    for name in names:
        yield _check(name, lambda name=name: " ".join(find_program(name)))
    yield Finding("containers", True, _containers())
    yield _check("disk", _disk)
    key = "set" if os.environ.get("OPENAI_API_KEY") else "not set; the OpenAI judge and translation need it"
    yield Finding("OPENAI_API_KEY", True, key)


def _containers() -> str:
    available = [engine.name for engine in ENGINES if engine.is_available()]
    return ", ".join(available) if available else "no engine is available; only --runtime process works"


def _disk() -> str:
    free = shutil.disk_usage(".").free
    if free < _FREE_BYTES:
        raise InputError("disk", f"this folder has only {free >> 20} MiB of free space", "free at least 1 GiB")
    return f"{free >> 30} GiB free"


def _configured(path: Path) -> Iterator[Finding]:
    try:
        config = read_run_config(path)
    except InputError as error:
        yield Finding(str(path), False, str(error))
        return
    yield Finding(str(path), True, f"{len(config.markets)} markets")
    yield _check("workspace_uri", lambda: _writable(config.workspace_uri))
    for market in config.markets:
        yield _check(f"{market.market} endpoint", lambda market=market: _endpoint(market.retrieve))
        for place in [*market.generate.log.uri, market.generate.catalogue.uri]:
            yield _check(f"{market.market} input", lambda place=place: _readable(place))


def _writable(uri: str) -> str:
    store = Store.at(uri)
    store.put(".sq-doctor", b"")
    store.delete(".sq-doctor")
    return f"{uri} is writable"


def _readable(uri: str) -> str:
    folder, _, name = uri.rstrip("/").rpartition("/")
    store = Store.at(folder)
    if not (store.list(name) if uri.endswith("/") else store.exists(name)):
        raise InputError(uri, f"{uri} does not exist", "correct the path")
    return uri


def _endpoint(config: RetrieveConfig) -> str:
    # A URL template may have placeholders in its path; check the part before them.
    url = getattr(config, config.WhichOneof("endpoint")).url.split("{{")[0]
    verify = config.ca_file or True
    status = httpx.get(url, timeout=_TIMEOUT_SECONDS, verify=verify).status_code
    return f"{url} answers ({status})"
