"""The result of one check."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from sq_handoff import ArtefactError, StorageError
from sq_stagekit.errors import InputError, TryAgainError
from sq_stagekit.logs import own_fields


@dataclass(frozen=True)
class Finding:
    """The result of one check. For a problem, the detail has its fix.

    Attributes:
        ok: false if a run would fail or find nothing.
        doubtful: a run works, but the detail is worth a look.
    """

    name: str
    ok: bool
    detail: str
    doubtful: bool = False


def check(name: str, look: Callable[[], str]) -> Finding:
    """What a check returns, or the error that it raises."""
    try:
        return Finding(name, True, look())
    except InputError as error:
        return Finding(name, False, f"{error.field}: {error.problem}; {error.fix}")
    except (ArtefactError, StorageError) as error:
        return Finding(name, False, f"{error}; {error.fix}")
    except (TryAgainError, OSError, RuntimeError, ValueError) as error:
        return Finding(name, False, str(error) or type(error).__name__)


class _Heard(logging.Handler):
    """Keeps what is warned of, each thing once."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.told: dict[str, None] = {}

    def emit(self, record: logging.LogRecord) -> None:
        fields = "".join(f", {key} {value}" for key, value in own_fields(record).items())
        self.told[record.getMessage() + fields] = None


def heard(name: str, findings: Iterable[Finding]) -> Iterator[Finding]:
    """The results of checks, then what the readers warned of meanwhile."""
    log, handler = logging.getLogger("sq"), _Heard()
    log.addHandler(handler)
    passed_on, log.propagate = log.propagate, False
    try:
        yield from list(findings)
    finally:
        log.removeHandler(handler)
        log.propagate = passed_on
    for told in handler.told:
        yield Finding(name, True, told, doubtful=True)
