"""A licence as an SPDX document states it."""

from __future__ import annotations

from dataclasses import dataclass

from packaging.licenses import InvalidLicenseExpression, canonicalize_license_expression


@dataclass(frozen=True, order=True)
class Licence:
    """What a package declares.

    Attributes:
        expression: of SPDX; empty if what the package says names no licence for certain.
        comment: where the expression is from, or what the package says instead.
        texts: id (LicenseRef-…) and text of each licence in the expression that SPDX does not list.
    """

    expression: str = ""
    comment: str = ""
    texts: tuple[tuple[str, str], ...] = ()


def canonical(text: str) -> str:
    """An SPDX expression in its usual spelling; empty if the text is none, or has an id that SPDX does not list."""
    try:
        return str(canonicalize_license_expression(text))
    except InvalidLicenseExpression:
        return ""
