"""The request for translations of a batch of queries, and how its answer is read."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from sq.v1.query_pb2 import QUERY_FAILURE_REASON_TRANSLATION_INVALID
from sq_generate.translate.protect import hide, reveal
from sq_generate.translate.translator import Failed, Outcome, Source, Translation
from sq_llm import Form, read_objects
from sq_text import normalise

_INSTRUCTIONS = """You translate search queries of an online shop from language "{source}" to language "{target}" \
(ISO 639-1 codes). Write what a customer of that country would type into the search field for the same wish: search \
words, not a sentence, lower case, nothing added and nothing explained. Keep every placeholder such as [[0]] exactly \
once where it belongs; it stands for a brand or a model. Answer with one translation for each id."""
_AGAIN = " An earlier answer lost an id or a placeholder: check both."

FORM = Form(
    "translations",
    {
        "type": "object",
        "properties": {
            "translations": {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {"id": {"type": "integer"}, "text": {"type": "string"}},
                    "required": ["id", "text"],
                    "additionalProperties": False,
                },
            }
        },
        "required": ["translations"],
        "additionalProperties": False,
    },
)


def instructions(source: str, target: str, attempt: int) -> str:
    """The system's message. `attempt` counts from 1; later ones ask for care."""
    return _INSTRUCTIONS.format(source=source, target=target) + (_AGAIN if attempt > 1 else "")


def document(sources: Sequence[Source]) -> str:
    """The user's message: the queries with their protected spans hidden, as JSON."""
    queries = [{"id": i, "text": hide(source.text, source.protected)} for i, source in enumerate(sources)]
    return json.dumps({"queries": queries}, ensure_ascii=False)


def outcomes(answer: str, sources: Sequence[Source]) -> Iterator[Outcome]:
    """One outcome for each query of a batch, in order, from the text of the model's answer."""
    texts: dict[int, list[str]] = {}
    for item in read_objects(answer, "translations"):
        number = item.get("id")
        if type(number) is int and "text" in item:
            texts.setdefault(number, []).append(str(item["text"]))
    for number, source in enumerate(sources):
        try:
            yield _translation(texts.get(number, []), source)
        except ValueError as error:
            yield Failed(QUERY_FAILURE_REASON_TRANSLATION_INVALID, str(error))


def _translation(texts: Sequence[str], source: Source) -> Translation:
    """The translation of a query. Raises ValueError with the reason if the texts are not one."""
    if len(texts) != 1:
        raise ValueError(f"the answer contains {len(texts)} translations of this query")
    text = normalise(reveal(texts[0], source.text, source.protected))
    if not text:
        raise ValueError("the translation is empty")
    return Translation(text)
