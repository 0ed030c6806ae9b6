"""Compares the checks that ran with the tables of docs/airflow.md."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from sq_cluster import places
from sq_e2e.checks import Checks

_SECTION = "## What the check on the cluster shows"
_NAME = "docs/airflow.md: its tables name every check, and none that there is not"


class NamedChecks(Checks):
    """Checks that keep their names."""

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()

    @contextmanager
    def check(self, name: str) -> Iterator[None]:
        self.names.add(name)
        with super().check(name):
            yield


def check_documentation(checks: NamedChecks, whole: bool) -> None:
    """Checks that the tables name every check that ran.

    Args:
        whole: all parts ran, so every name in the tables must belong to a check.
    """
    with checks.check(_NAME):
        text = places.DOCUMENTATION.read_text(encoding="utf-8").partition(_SECTION)[2]
        rows = [line for line in text.splitlines() if line.startswith("|")]
        named = {name for row in rows for name in re.findall(r"`([^`]+)`", row)}
        assert not (checks.names - named), f"missing in the tables: {sorted(checks.names - named)}"
        assert not whole or not (named - checks.names), f"not a check of this run: {sorted(named - checks.names)}"
