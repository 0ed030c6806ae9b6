"""Answers to the rubric facets: what a product says about each facet of a query, with its words."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Iterator, Sequence

from sq_llm_server.replies import document_of

_WORD = re.compile(r"\w+")
_INVENTED = "as the manufacturer states"


def judge_facets(query: dict, product: dict) -> dict:
    """An item of the answer. A tag is there if its words are; another value of its type contradicts it.

    The kind of thing is right if the title has a word of the query that no tag has, or if there is no such word.
    """
    tags = [facet for facet in query["facets"] if facet["facet"]]
    facets = [_thing(query, product, tags), *(_tag(facet, product) for facet in tags)]
    return {"n": product["n"], "accessory": False, "facets": facets}


def graded_facets(query: dict, product: dict, grade: int) -> dict:
    """An item from which the rule makes this grade; 0 in place of 1 if the query has nothing but a kind of thing."""
    quote = _title(product)
    numbers = [facet["facet"] for facet in query["facets"]]
    brands = [facet["facet"] for facet in query["facets"] if facet["type"] == "BRAND"]
    others = [facet["facet"] for facet in query["facets"] if facet["type"] not in ("THING", "CATEGORY")]
    verdicts = dict.fromkeys(numbers, "yes")
    if grade == 3:
        verdicts[numbers[-1]] = "not_stated"
    elif grade == 2:
        verdicts[numbers[-1]] = "contradicts"
    elif grade == 1 and brands:
        verdicts[brands[0]] = "no"
    elif grade == 1 and others:
        verdicts |= dict.fromkeys([numbers[0], *others][-2:], "contradicts")
    elif grade < 2:
        verdicts[numbers[0]] = "no"
    quotes = {"not_stated": [], "contradicts": [quote, quote]}
    facets = [_facet(number, verdict, quotes.get(verdict, [quote])) for number, verdict in verdicts.items()]
    return {"n": product["n"], "accessory": False, "facets": facets}


def inventing(answer: Callable[[dict], str], share: float, seed: int = 0) -> Callable[[dict], str]:
    """A model that quotes words which the product does not contain, in a share of the judgments."""

    def judge(request: dict) -> str:
        answered = json.loads(answer(request))
        document = document_of(request)
        products = {product["n"]: product for product in document.get("products", [])}
        for item in answered.get("judgments", []):
            drawn = random.Random(f"{seed}/{document['query']['text']}/{_title(products[item['n']])}").random()
            if "facets" in item and drawn < share:
                for facet in item["facets"]:
                    facet["quotes"] = [_INVENTED] if facet["verdict"] != "not_stated" else []
        return json.dumps(answered)

    return judge


def _thing(query: dict, product: dict, tags: Sequence[dict]) -> dict:
    of_tags = {word for tag in tags for word in _words(tag["value"])}
    words = [word for word in _words(query.get("translation") or query["text"]) if word not in of_tags]
    title = _words(_title(product))
    shown = [word for word in title if word in words] if words else title
    return _facet(0, "yes", [shown[0]]) if shown else _facet(0, "no", [_title(product)])


def _tag(facet: dict, product: dict) -> dict:
    wanted = _words(facet["value"])
    if any(set(wanted) <= set(_words(text)) for _, text in _texts(product)):
        return _facet(facet["facet"], "yes", [facet["value"]])
    other = [text for name, text in _texts(product) if name.casefold() == facet["type"].casefold() and text]
    return _facet(facet["facet"], "no", other[:1]) if other else _facet(facet["facet"], "not_stated", [])


def _texts(product: dict) -> Iterator[tuple[str, str]]:
    for name in ("title", "brand", "description"):
        yield name, product.get(name, "")
    for category in product.get("categories", []):
        yield "category", category
    for name, values in product.get("attributes", {}).items():
        yield from ((name, value) for value in values)


def _facet(number: int, verdict: str, quotes: Sequence[str]) -> dict:
    return {"facet": number, "quotes": list(quotes), "verdict": verdict}


def _title(product: dict) -> str:
    return product.get("title", "") or next((text for _, text in _texts(product) if text), "")


def _words(text: str) -> list[str]:
    return _WORD.findall(text.lower())
