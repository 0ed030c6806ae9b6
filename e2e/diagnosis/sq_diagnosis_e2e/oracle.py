"""A judge that knows what was meant by each query of a log, behind the OpenAI API."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from sq_diagnosis_e2e.intent import Intent
from sq_diagnosis_e2e.stated import amounts, colours, wireless


class Oracle:
    """Grades products by their own data: category, brand, colour, and what title and description state.

    | grade | the product is |
    | --- | --- |
    | 4 | of the meant category, and has everything asked for |
    | 3 | of the category; something asked for is not stated |
    | 1 | of the category; a colour, length, size or diagonal is another, or it is not wireless |
    | 0 | of another category or brand |

    It never looks at words of the query, so it does not depend on how an engine analyses them.
    """

    def __init__(self, meant: Mapping[str, Intent]) -> None:
        self._meant = meant

    def answer(self, request: dict) -> str:
        """The content for a chat request of the openai judge.

        Raises:
            KeyError: a query that is not in the log.
        """
        document = json.loads(request["messages"][-1]["content"])
        intent = self._meant[document["query"]["text"]]
        return json.dumps({"judgments": [_judgment(intent, product) for product in document["products"]]})


def _judgment(intent: Intent, product: dict) -> dict:
    grade, code, value = grade_of(intent, product)
    reasons = [{"code": code, "tag_type": "", "value": value}] if code else []
    return {"n": product["n"], "grade": grade, "reasons": reasons}


def grade_of(intent: Intent, product: dict) -> tuple[int, str, str]:
    """(grade, code of the reason, value it is about) of a product as the judge's prompt shows it."""
    if intent.category not in product.get("categories", ()):
        return 0, "OFF_TOPIC", intent.category
    if intent.brand and product.get("brand") != intent.brand:
        return 0, "TAG_MISMATCH", intent.brand
    unstated = ""
    for wanted, stated in _wishes(intent, product):
        if stated and wanted not in stated:
            return 1, "TAG_MISMATCH", str(wanted)
        unstated = unstated or ("" if stated else str(wanted))
    return (3, "TAG_MISSING", unstated) if unstated else (4, "", "")


def _wishes(intent: Intent, product: dict) -> Iterator[tuple[object, set]]:
    """What was asked for, each with what the product states about it."""
    text = f"{product.get('title', '')} {product.get('description', '')}".lower()
    attributes = product.get("attributes", {})
    if intent.colour:
        yield intent.colour, colours(",".join(attributes.get("colour", ())))
    for name in ("material", "gender"):
        if wanted := getattr(intent, name):
            yield wanted, set(attributes.get(name, ()))
    if intent.amount:
        yield intent.amount, amounts(text, intent.unit)
    if intent.wireless:
        yield "wireless", {"wireless" if wireless(text) else "wired"}
