"""How the commands that talk to a registry end."""

from __future__ import annotations

import sys
from collections.abc import Callable

from release.lock import LockError
from release.remote import RemoteError


class Refused(Exception):
    """What was asked for must not be done. The message says why, and what to do."""


def exit_code(work: Callable[[], int | None]) -> int:
    """That of the work, 0 if it names none; 2 if it is refused; 75 if the registry does not answer."""
    try:
        return work() or 0
    except (Refused, LockError) as error:
        print(error, file=sys.stderr)
        return 2
    except RemoteError as error:
        print(error, file=sys.stderr)
        return 75 if error.again else 2
