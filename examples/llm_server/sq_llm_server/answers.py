"""The answers of the server. They depend only on the request, so equal requests get equal answers."""

from __future__ import annotations

import json
import re

from sq_llm_server.facets import judge_facets
from sq_llm_server.replies import document_of

_WORD = re.compile(r"\w+")


def answer(request: dict) -> str:
    """The content for a chat request: judgments, a guideline, translations, or an empty object of its schema.

    Raises:
        ValueError: the user's message is not valid JSON.
    """
    schema = request.get("response_format", {}).get("json_schema", {}).get("schema", {})
    fields = schema.get("properties", {})
    document = document_of(request)
    if "judgments" in fields:
        judge = judge_facets if "facets" in document["query"] else _judge
        return json.dumps({"judgments": [judge(document["query"], item) for item in document["products"]]})
    if "guideline" in fields:
        return json.dumps({"guideline": [_guideline(document["query"])]})
    if "translations" in fields:
        item = fields["translations"].get("items", {}).get("properties", {})
        return json.dumps({"translations": [_translate(query, item) for query in document.get("queries", [])]})
    return json.dumps({name: [] for name in fields})


def _judge(query: dict, product: dict) -> dict:
    """Grades by the share of the query's words that are in the title. Uses the translation if the query has one."""
    words = _words(query.get("translation") or query["text"])
    title = set(_words(product.get("title", "")))
    missing = [word for word in words if word not in title]
    grade = round(4 * (len(words) - len(missing)) / max(len(words), 1))
    reasons = [{"code": "TERM_MISSING", "tag_type": "", "value": word} for word in missing]
    return {"n": product["n"], "grade": grade, "reasons": reasons}


def _guideline(query: dict) -> dict:
    words = query.get("translation") or query["text"]
    return {
        "wants": f"The customer wants: {words}.",
        "exact": f"Products that are {words}.",
        "partial": f"Products that lack a word of {words}.",
        "irrelevant": "Products without any of its words.",
    }


def _translate(query: object, item: dict) -> object:
    """The query in capitals, so that it differs from its source."""
    if not isinstance(query, dict):
        return str(query).upper()
    return {
        name: query[name] if name in query and name != "text" else str(query.get("text", "")).upper() for name in item
    }


def _words(text: str) -> list[str]:
    return _WORD.findall(text.lower())
