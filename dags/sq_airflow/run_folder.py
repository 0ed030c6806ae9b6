"""The folder of a run, from the id that Airflow gives it."""

from __future__ import annotations

import hashlib
import re

_LONGEST = 100
# What stages and `sq` take as a run id. A dash in front makes a flag of it; a dot or an underscore hides a folder.
_LEGAL = re.compile(rf"[A-Za-z0-9][A-Za-z0-9_.-]{{0,{_LONGEST - 1}}}")
_OTHER = re.compile(r"[^A-Za-z0-9_.-]")
_DIGITS = 8
_ENDS_IN_DIGEST = re.compile(rf"-[0-9a-f]{{{_DIGITS}}}$")


def run_folder(run_id: str) -> str:
    """The run id for stages, which is the name of the run's folder.

    An id that a folder can have stays as it is. In another one, characters are replaced, and a part of the id's digest
    follows. So two ids never share a folder: an id that looks like a replaced one gets a digest too.
    """
    if _LEGAL.fullmatch(run_id) and not _ENDS_IN_DIGEST.search(run_id):
        return run_id
    digest = hashlib.sha256(run_id.encode()).hexdigest()[:_DIGITS]
    words = _OTHER.sub("-", run_id).lstrip("-_.")[: _LONGEST - _DIGITS - 1]
    return f"{words or 'run'}-{digest}"
