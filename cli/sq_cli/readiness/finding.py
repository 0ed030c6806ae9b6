"""The result of one check."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from sq_handoff import ArtefactError, StorageAway, StorageError
from sq_stagekit.errors import EXIT_BAD_INPUT, EXIT_DONE, EXIT_TRY_AGAIN, InputError, TryAgainError
from sq_stagekit.logs import own_fields


@dataclass(frozen=True)
class Finding:
    """The result of one check. For a problem, the detail has its fix.

    Attributes:
        ok: false if a run would fail or find nothing.
        doubtful: a run works, but the detail is worth a look.
        away: not ok for a reason that may pass, such as a service that does not answer.
    """

    name: str
    ok: bool
    detail: str
    doubtful: bool = False
    away: bool = False


def check(name: str, look: Callable[[], str]) -> Finding:
    """What a check returns, or the error that it raises."""
    try:
        return Finding(name, True, look())
    except InputError as error:
        return Finding(name, False, f"{error.field}: {error.problem}; {error.fix}")
    except (ArtefactError, StorageError) as error:
        return Finding(name, False, f"{error}; {error.fix}", away=isinstance(error, StorageAway))
    except (TryAgainError, OSError, RuntimeError, ValueError) as error:
        away = isinstance(error, (TryAgainError, ConnectionError, TimeoutError))
        return Finding(name, False, str(error) or type(error).__name__, away=away)


def exit_code(findings: Iterable[Finding]) -> int:
    """As that of a run: 2 if something must be changed, 75 if what is not ok may pass, else 0."""
    wrong = [finding for finding in findings if not finding.ok]
    if any(not finding.away for finding in wrong):
        return EXIT_BAD_INPUT
    return EXIT_TRY_AGAIN if wrong else EXIT_DONE


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
