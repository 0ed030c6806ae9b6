"""A rubric: how a model is asked to grade, and how its answer is read."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any

from sq.v1.product_pb2 import Product
from sq.v1.query_pb2 import Query
from sq_evaluate.judges.asked import Asked
from sq_evaluate.judges.document import document
from sq_evaluate.judges.graded import Graded
from sq_evaluate.judges.pictures.picture import Picture
from sq_evaluate.judges.prompt_file import Prompt
from sq_llm import Endpoint, Form, read_objects

_LIST = "judgments"


class Rubric(ABC):
    """Makes requests, and reads answers as somebody else's JSON.

    Attributes:
        name: of its prompts.
        schema: of the items of an answer, one a product, each with its number "n" from 1.
        output_tokens: that an answer usually has for one product.
        prompt: what the model is told.
        form: of its answer.
    """

    name: str
    schema: Mapping[str, Any]
    output_tokens: int

    def __init__(self, prompt_uri: str = "", field: str = "", shown: Sequence[str] = (), detail: str = "") -> None:
        """A rubric with sq's own prompt, or with the one at `prompt_uri`. `field` is its path, for errors.

        Args:
            shown: as of Prompt.of.
            detail: how closely the model looks at pictures; "" to leave that to it.

        Raises:
            InputError, TryAgainError: as Prompt.of.
        """
        items = {"type": "array", "items": self.schema}
        schema = {
            "type": "object",
            "properties": {_LIST: items},
            "required": [_LIST],
            "additionalProperties": False,
        }
        self.prompt = Prompt.of(self.name, schema, prompt_uri, field, shown)
        self._detail = detail
        self.form = Form(_LIST, schema)

    @abstractmethod
    def query_fields(self, query: Query) -> dict[str, object]:
        """The query as the model is shown it."""

    @abstractmethod
    def graded(self, item: Mapping[str, Any], query: Query, product: Product) -> Graded | str:
        """The grade that one item of an answer gives, or a text that says why it is invalid."""

    def document(self, asked: Asked) -> str:
        """The user's message, which asks about products of one query: a JSON document."""
        more = {"guideline": asked.guideline.fields} if asked.guideline else {}
        return document(self.query_fields(asked.query), asked.products, **more)

    def request(self, endpoint: Endpoint, asked: Asked) -> dict[str, Any]:
        """The arguments of a chat completion. Pictures come last, so that requests of a query begin alike."""
        text = self.document(asked)
        pictures = [(n, asked.picture(product)) for n, product in enumerate(asked.products, 1)]
        parts = [part for n, picture in pictures if picture for part in self._parts(n, picture)]
        content = [{"type": "text", "text": text}, *parts] if parts else text
        return endpoint.request(self.prompt.instructions, content, self.form)

    def key(self, pair: Asked) -> str:
        """All that a request about one product contains beside the instructions."""
        (product,) = pair.products
        picture = pair.picture(product)
        return self.document(pair) + (f"\npicture {picture.digest} {self._detail}" if picture else "")

    def _parts(self, number: int, picture: Picture) -> list[dict[str, Any]]:
        image = {"url": picture.url, **({"detail": self._detail} if self._detail else {})}
        return [{"type": "text", "text": f"Picture of product {number}:"}, {"type": "image_url", "image_url": image}]

    def read_answer(self, content: str, query: Query, products: Sequence[Product]) -> dict[int, Graded | str]:
        """The grade of each product, by its number from 1, or a text that says why its judgment is invalid.

        Products that the answer leaves out are missing. An answer of another form gives nothing.
        """
        found: dict[int, Graded | str] = {}
        for item in read_objects(content, _LIST):
            number = item.get("n")
            if type(number) is not int or not 1 <= number <= len(products):
                continue
            if number in found:
                found[number] = "the answer judges this product twice"
            else:
                found[number] = self.graded(item, query, products[number - 1])
        return found
