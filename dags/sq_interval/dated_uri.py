"""URIs that hold dates: s3://lake/searches/dt={date}/."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date

from sq_interval.interval_error import IntervalError

_DATE = re.compile(r"\{date(?::([^{}]*))?\}")
_ISO = "%Y-%m-%d"
_DIRECTIVES = re.compile(r"%(.?)")
_KNOWN = frozenset("Ymdj")
# A stage gets all URIs on its command line, and one argument may have 128 KiB.
_MOST = 400


def is_dated(uris: Iterable[str]) -> bool:
    return any(_DATE.search(uri) for uri in uris)


def names_days(uris: Iterable[str]) -> bool:
    """Whether each URI is that of one day, so that files of other days are not read."""
    return all(any(_is_a_day(match[1] or _ISO) for match in _DATE.finditer(uri)) for uri in uris)


def expand(uris: Iterable[str], days: Sequence[date], field: str) -> list[str]:
    """Each URI once for each day, in the order of the days; a URI without a date stays as it is.

    Raises:
        IntervalError: a date has an unknown format, or there are too many URIs.
    """
    found: dict[str, None] = {}
    for uri in uris:
        for day in days if _DATE.search(uri) else days[:1]:
            found[_DATE.sub(lambda match, day=day: _written(day, match[1] or _ISO, field), uri)] = None
    if len(found) > _MOST:
        raise IntervalError(
            field,
            f"names {len(found)} files or prefixes for {days[0]} to {days[-1]}, more than {_MOST}",
            "choose fewer days, or a prefix of months such as {date:%Y-%m}",
        )
    return list(found)


def _written(day: date, form: str, field: str) -> str:
    unknown = [name for name in _DIRECTIVES.findall(form) if name not in _KNOWN]
    if unknown or "%" not in form:
        wrong = f"{{date:{form}}} is not a form of a date"
        raise IntervalError(field, wrong, "use %Y, %m, %d and %j, as in {date:%Y/%m/%d}")
    return day.strftime(form)


def _is_a_day(form: str) -> bool:
    names = set(_DIRECTIVES.findall(form))
    return {"Y", "m", "d"} <= names or {"Y", "j"} <= names
