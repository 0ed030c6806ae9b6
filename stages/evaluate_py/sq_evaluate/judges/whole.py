"""The rubric whole: the model gives the grade, with reasons."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sq.v1.product_pb2 import Product
from sq.v1.query_pb2 import Query
from sq_evaluate.judges.document import query_fields
from sq_evaluate.judges.graded import MAX_GRADE, REASON_CODES, Graded, read_reason, whole_number
from sq_evaluate.judges.rubric import Rubric


class Whole(Rubric):
    """The model gives the grade, and reasons for each below 4."""

    name = "whole"
    output_tokens = 80
    schema = {
        "type": "object",
        "properties": {
            "n": {"type": "integer", "description": "number of the product"},
            "grade": {"type": "integer", "enum": list(range(MAX_GRADE + 1))},
            "reasons": {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {
                        "code": {"type": "string", "enum": REASON_CODES},
                        "tag_type": {"type": "string"},
                        "value": {"type": "string"},
                    },
                    "required": ["code", "tag_type", "value"],
                    "additionalProperties": False,
                },
            },
        },
        "required": ["n", "grade", "reasons"],
        "additionalProperties": False,
    }

    def query_fields(self, query: Query) -> dict[str, object]:
        return query_fields(query)

    def graded(self, item: Mapping[str, Any], query: Query, product: Product) -> Graded | str:
        grade, reasons = item.get("grade"), item.get("reasons")
        if not whole_number(grade, MAX_GRADE):
            return f"grade is not a whole number from 0 to {MAX_GRADE}"
        if not isinstance(reasons, list):
            return "reasons is not a list"
        read = [read_reason(reason) for reason in reasons]
        if None in read:
            return "a reason has an unknown code"
        if grade < MAX_GRADE and not read:
            return "a grade below 4 has no reason"
        return Graded(grade, tuple(read))
