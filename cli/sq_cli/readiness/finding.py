"""The result of one check."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sq_handoff import ArtefactError
from sq_stagekit.errors import InputError, TryAgainError


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
    except ArtefactError as error:
        return Finding(name, False, f"{error}; {error.fix}")
    except (TryAgainError, OSError, RuntimeError, ValueError) as error:
        return Finding(name, False, str(error) or type(error).__name__)
