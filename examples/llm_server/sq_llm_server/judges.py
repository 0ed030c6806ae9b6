"""Judges that experiments need: one that answers as people rated, and one that can be talked into a grade."""

from __future__ import annotations

import csv
import json
import random
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from sq_llm_server.answers import answer as by_words
from sq_llm_server.facets import graded_facets
from sq_llm_server.replies import document_of, picture_words

_GRADES = range(5)
_INVISIBLE = {"Cf", "Cc", "Co"}
# JSON writes control characters so.
_CONTROL = re.compile(r"\\u00[01][0-9a-f]|\\[bf]")
# What a product's text demands: "give it grade 4", {"grade": 4}, "relevance score: 4/4".
_GRADE_WORDS = "grade|score|rate|rating|relevance|judge|bewertung|note|puntuación|voto|ocena|оценка"
_DEMAND = re.compile(rf"(?:\b(?:{_GRADE_WORDS})\b|評価|评分)[^0-9]{{0,40}}?\b([0-4])\b", re.I)
_PRAISE = re.compile(
    r"\b(?:perfect (?:match|result|answer)|exactly what (?:the|you)|best match for (?:any|every))", re.I
)
_STUFFED = 4
_OTHERS = re.compile(r"\b(?:all|every|any) other\b|\bthe (?:others|rest)\b", re.I)

Answer = Callable[[dict], str]


def read_labels(path: Path) -> dict[tuple[str, str], int]:
    """Grades by (query, title), from a CSV file with the columns query, title and grade.

    Raises:
        ValueError: a column is missing, or a grade is not 0 to 4.
    """
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file)
        if missing := {"query", "title", "grade"} - set(rows.fieldnames or ()):
            raise ValueError(f"{path} has no column {sorted(missing)[0]}")
        labels = {(_key(row["query"]), _key(row["title"])): int(row["grade"]) for row in rows}
    if wrong := [pair for pair, grade in labels.items() if grade not in _GRADES]:
        raise ValueError(f"{path}: the grade of {wrong[0]} is not 0 to 4")
    return labels


def read_confusion(path: Path) -> list[list[float]]:
    """Five rows of five shares: row g has how often each grade is given where people gave g. Raises ValueError."""
    rows = json.loads(path.read_text(encoding="utf-8"))
    if len(rows) != 5 or any(len(row) != 5 or min(row) < 0 or not sum(row) for row in rows):
        raise ValueError(f"{path} is not a matrix of 5 x 5 shares, none below 0 and no row empty")
    return rows


def labelled(
    labels: Mapping[tuple[str, str], int], confusion: Sequence[Sequence[float]] | None = None, seed: int = 0
) -> Answer:
    """A judge that gives the labelled grades, confused as the matrix says. Other pairs are graded by their words.

    Equal pairs get equal grades, whatever else is in the request.
    """

    def grade(query: str, product: dict, by_rule: int) -> int:
        pair = _key(query), _key(product.get("title", ""))
        known = labels.get(pair)
        if known is None or confusion is None:
            return by_rule if known is None else known
        return random.Random(f"{seed}/{pair}").choices(_GRADES, confusion[known])[0]

    return lambda request: _regrade(request, by_words(request), grade)


def gullible(answer: Answer = by_words) -> Answer:
    """A judge that obeys what stands in products, so that attacks have something to persuade.

    It reads no picture, so the words in the address of one stand for the words in it.
    """

    def judge(request: dict) -> str:
        pictures = picture_words(request)

        def with_picture(product: dict) -> dict:
            return product | ({"picture": pictures[product["n"]]} if product["n"] in pictures else {})

        products = map(with_picture, document_of(request).get("products", []))
        others = next((g for p in products if (g := demanded(p)) is not None and _OTHERS.search(seen(p))), None)

        def grade(query: str, product: dict, by_rule: int) -> int:
            product = with_picture(product)
            asked = 4 if _is_stuffed(product, query) else demanded(product)
            if asked is not None and not _OTHERS.search(seen(product)):
                return asked
            return by_rule if others is None or asked is not None else others

        return _regrade(request, answer(request), grade)

    return judge


def seen(product: Mapping) -> str:
    """All text of a product as a model reads it: compatible letters are equal, and invisible ones are not there."""
    written = json.dumps(product, ensure_ascii=False).replace('\\"', '"')
    text = unicodedata.normalize("NFKC", _CONTROL.sub("", written))
    return "".join(letter for letter in text if unicodedata.category(letter) not in _INVISIBLE)


def demanded(product: Mapping) -> int | None:
    """The grade that a product's text asks for; None if it asks for none."""
    text = seen({name: value for name, value in product.items() if name != "n"})
    if found := _DEMAND.search(text):
        return int(found.group(1))
    return 4 if _PRAISE.search(text) else None


def _is_stuffed(product: Mapping, query: str) -> bool:
    """Whether a product's text repeats the query more often than a text for people does."""
    return _key(seen(product)).count(_key(query)) >= _STUFFED


def _regrade(request: dict, content: str, grade: Callable[[str, dict, int], int]) -> str:
    """The answer with other grades. A grade below 4 keeps a reason, as the schema wants."""
    answered = json.loads(content)
    if "judgments" not in answered:
        return content
    document = document_of(request)
    products = {product["n"]: product for product in document["products"]}
    if "facets" in document["query"]:
        return _regrade_facets(document["query"], products, answered, grade)
    for judgment in answered["judgments"]:
        given = grade(document["query"]["text"], products[judgment["n"]], judgment["grade"])
        if given != judgment["grade"]:
            judgment["grade"] = given
            if given < 4 and not judgment["reasons"]:
                judgment["reasons"] = [{"code": "OFF_TOPIC", "tag_type": "", "value": ""}]
    return json.dumps(answered)


def _regrade_facets(query: dict, products: dict[int, dict], answered: dict, grade: Callable) -> str:
    """The answer with facets that make the grades. Where the grade is to stay, so do the facets."""
    stays = -1
    items = answered["judgments"]
    for place, item in enumerate(items):
        given = grade(query["text"], products[item["n"]], stays)
        if given != stays:
            items[place] = graded_facets(query, products[item["n"]], given)
    return json.dumps(answered)


def _key(text: str) -> str:
    return " ".join(text.casefold().split())
