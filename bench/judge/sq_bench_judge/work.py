"""The calls that are measured: those of the judge, one product each or packed."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sq.v1.product_pb2 import Product
from sq.v1.query_pb2 import Query
from sq_evaluate.judges.whole import Whole
from sq_llm import Endpoint, Size, size_of
from sq_llm_server import Latency
from sq_llm_server.server import digest_of

MEDIAN_SECONDS, SIGMA = 0.8, 0.5
LATENCY = Latency(MEDIAN_SECONDS, SIGMA)
_OUTPUT_TOKENS_PER_PRODUCT = 80
_RUBRIC = Whole()
_WORDS = ["red", "shirt", "notebook", "sleeve", "15 inch", "cotton", "blue", "steel", "for", "kids", "wireless"]


@dataclass(frozen=True)
class Setting:
    """Attributes:
    pairs: of query and product.
    at_once: most calls in progress.
    packed: products in a call.
    """

    pairs: int
    at_once: int
    packed: int

    @property
    def calls(self) -> int:
        return -(-self.pairs // self.packed)

    @property
    def name(self) -> str:
        how = f"packed by {self.packed}" if self.packed > 1 else "one by one"
        return f"{self.pairs:,} pairs {how}, {self.at_once} calls at once"


@dataclass(frozen=True)
class Asked:
    body: dict[str, Any]
    size: Size


def requests(endpoint: Endpoint, setting: Setting, turn: int) -> list[Asked]:
    """The calls of a setting. Another turn asks about other products, so that nothing is answered from a store."""
    return [_asked(endpoint, setting, turn * setting.calls + number) for number in range(setting.calls)]


def latencies(asked: Sequence[Asked]) -> list[float]:
    """How long the server takes for each call, in seconds."""
    return [LATENCY.seconds(digest_of(json.dumps(request.body).encode())) for request in asked]


def _asked(endpoint: Endpoint, setting: Setting, number: int) -> Asked:
    rng = random.Random(f"{setting.name}/{number}")
    products = [
        Product(product_id=str(n), title=_text(rng, 8), brand="Acme", description=_text(rng, 40))
        for n in range(setting.packed)
    ]
    body = _RUBRIC.request(endpoint, Query(text=f"{_text(rng, 2)} {number}", language="en"), products)
    return Asked(body, size_of(body, _OUTPUT_TOKENS_PER_PRODUCT * setting.packed))


def _text(rng: random.Random, words: int) -> str:
    return " ".join(rng.choices(_WORDS, k=words))
