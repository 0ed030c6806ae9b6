"""The guideline of a query: what its customers want, and which results are exact, partial and irrelevant.

A model writes it before it judges any product for the query, so that it judges all of them alike. Zalando's pipeline of
annotation has this step (Retrieve, Annotate, Evaluate, Repeat; arXiv 2409.11860).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from sq.v1 import judgment_pb2
from sq.v1.evaluate_config_pb2 import OpenAiJudge
from sq.v1.query_pb2 import Query
from sq_evaluate.judges.document import query_fields
from sq_evaluate.judges.prompt_file import Prompt
from sq_llm import Completion, Endpoint, Form, read_objects

_NAME = "guideline"
_TEXTS = ("wants", "exact", "partial", "irrelevant")
# More text costs more than it helps.
_MOST_CHARACTERS = 600
_DIGITS = 16
_SCHEMA = {
    "type": "object",
    "properties": {
        _NAME: {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {name: {"type": "string"} for name in _TEXTS},
                "required": list(_TEXTS),
                "additionalProperties": False,
            },
        }
    },
    "required": [_NAME],
    "additionalProperties": False,
}
# That an answer usually has.
OUTPUT_TOKENS = 160


@dataclass(frozen=True)
class Guideline:
    """Four texts, none of them empty."""

    wants: str
    exact: str
    partial: str
    irrelevant: str

    @property
    def fields(self) -> Mapping[str, str]:
        """As the model is shown it."""
        return asdict(self)

    @property
    def digest(self) -> str:
        """The first 16 hexadecimal digits of the sha256 of the texts."""
        return hashlib.sha256(json.dumps(self.fields, ensure_ascii=False).encode()).hexdigest()[:_DIGITS]

    @classmethod
    def of(cls, record: judgment_pb2.Guideline) -> Guideline:
        return cls(*(getattr(record, name) for name in _TEXTS))

    def record(self, query_id: str, judge: str) -> judgment_pb2.Guideline:
        return judgment_pb2.Guideline(query_id=query_id, digest=self.digest, judge=judge, **self.fields)


# Stands for a guideline that nobody wrote yet: two sentences in each text.
UNWRITTEN = Guideline(*("?" * 150 for _ in _TEXTS))


class GuidelineForm:
    """Makes the requests for guidelines, and reads their answers.

    Attributes:
        prompt: what the model is told.
    """

    def __init__(self, config: OpenAiJudge, market: str, field: str) -> None:
        """Args:
            market: its name, unless the configuration describes it.
            field: path of `config`, for errors.

        Raises:
            InputError, TryAgainError: as Prompt.of.
        """
        given = config.guideline
        self.prompt = Prompt.of(_NAME, _SCHEMA, given.prompt_uri, f"{field}.{_NAME}.prompt_uri")
        self._market = given.market or market
        self._form = Form(_NAME, _SCHEMA)

    def request(self, endpoint: Endpoint, query: Query) -> dict[str, Any]:
        """The arguments of a chat completion. Queries of one text, language and market have one guideline."""
        document = json.dumps({"market": self._market, "query": query_fields(query)}, ensure_ascii=False)
        return endpoint.request(self.prompt.instructions, document, self._form)

    @staticmethod
    def read(completion: Completion) -> Guideline | str:
        """The guideline of an answer, or a text that says why it has none. Long texts are cut."""
        found = [] if completion.refused else read_objects(completion.content, _NAME)
        if len(found) != 1:
            return f"the answer contains {len(found)} guidelines"
        texts = [found[0].get(name) for name in _TEXTS]
        for name, text in zip(_TEXTS, texts, strict=True):
            if not isinstance(text, str) or not text.strip():
                return f"the guideline lacks {name}"
        return Guideline(*(" ".join(text.split())[:_MOST_CHARACTERS].rstrip() for text in texts))
