"""What a model said of one product, and how a reason is read and written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from google.protobuf import json_format

from sq.v1.judgment_pb2 import REASON_CODE_UNSPECIFIED, Facet, Reason, ReasonCode, RequestPlace

MAX_GRADE = 4
_PREFIX = "REASON_CODE_"
REASON_CODES = [name.removeprefix(_PREFIX) for name, number in ReasonCode.items() if number != REASON_CODE_UNSPECIFIED]


@dataclass(frozen=True)
class Graded:
    """The model's grade of one product.

    Attributes:
        facets: what it follows from; of the rubric facets alone.
        asked: where the product stood in the request; None until that is known.
    """

    grade: int
    reasons: tuple[Reason, ...]
    facets: tuple[Facet, ...] = ()
    asked: RequestPlace | None = None


def whole_number(value: object, most: int) -> bool:
    """Whether a value of an answer is a whole number from 0 to `most`. JSON's true is none."""
    return type(value) is int and 0 <= value <= most


def read_reason(reason: object) -> Reason | None:
    """A reason of an answer; None if it is none."""
    if not isinstance(reason, dict) or reason.get("code") not in REASON_CODES:
        return None
    texts = reason.get("tag_type", ""), reason.get("value", "")
    if not all(isinstance(text, str) for text in texts):
        return None
    return Reason(code=ReasonCode.Value(_PREFIX + reason["code"]), tag_type=texts[0], value=texts[1])


def as_kept(graded: Graded) -> dict[str, Any]:
    """A grade as it is stored."""
    kept: dict[str, Any] = {"grade": graded.grade, "reasons": [_item(reason) for reason in graded.reasons]}
    if graded.facets:
        kept["facets"] = [json_format.MessageToDict(facet) for facet in graded.facets]
    if graded.asked is not None:
        kept["asked"] = [graded.asked.request, graded.asked.place, graded.asked.products]
    return kept


def from_kept(kept: Mapping[str, Any]) -> Graded:
    """A stored grade. Raises KeyError, TypeError or ValueError if it is none."""
    reasons = [read_reason(reason) for reason in kept["reasons"]]
    if not whole_number(kept["grade"], MAX_GRADE) or None in reasons or (kept["grade"] < MAX_GRADE and not reasons):
        raise ValueError("not a grade with its reasons")
    try:
        facets = tuple(json_format.ParseDict(facet, Facet()) for facet in kept.get("facets", ()))
    except json_format.ParseError as error:
        raise ValueError("not a facet") from error
    asked = None
    if "asked" in kept:
        request, place, products = kept["asked"]
        asked = RequestPlace(request=request, place=place, products=products)
    return Graded(kept["grade"], tuple(filter(None, reasons)), facets, asked)


def _item(reason: Reason) -> dict[str, str]:
    code = ReasonCode.Name(reason.code).removeprefix(_PREFIX)
    return {"code": code, "tag_type": reason.tag_type, "value": reason.value}
