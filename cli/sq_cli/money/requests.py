"""The requests that an OpenAI judge sends for pairs: how many, how large, and which are answered already."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sq.v1.product_pb2 import Product
from sq.v1.query_pb2 import Query
from sq_evaluate.judges.asked import Asked
from sq_evaluate.judges.canary import SHARE, attacked, chosen
from sq_evaluate.judges.document import packs
from sq_evaluate.judges.kept_pairs import KeptPairs
from sq_evaluate.judges.rubric import Rubric
from sq_evaluate.judges.trials import canary_requests
from sq_llm import Endpoint, PaidAnswers, PaidModel, pictures_in, size_of, texts_of
from sq_llm.digest import digest_of

# Of an answer about one product, by rubric. That of whole was measured with the tokenizer o200k and one reason a
# product. That of facets is calculated for three facets with a quote of three words each.
OUTPUT_TOKENS = {"whole": 32.0, "facets": 75.0}
# Reads of the store of answers at once.
_READS = 32
Body = Mapping[str, Any]
Kept = Callable[[Sequence[dict[str, Any]]], Sequence[bool]]
Pairs = Callable[[Iterable[Asked]], Iterator[tuple[Asked, Sequence[Product]]]]


@dataclass(frozen=True)
class Requests:
    """Attributes:
    packing: products in one request, at most.
    pairs: to judge.
    distinct: pairs of different text.
    calls: requests that no answer is kept for; equal ones count once.
    hits: pairs that have an answer already, alone or by their request.
    new: pairs that the calls ask about.
    input_bytes: of the texts and schemas of the calls.
    prefix_bytes: that all calls begin with alike.
    canaries: of the calls, those of canaries, each about one product beside the pairs.
    output_tokens: that an answer usually has for one product.
    guidelines: of the calls, those for guidelines of queries.
    pictures: in the calls.
    picture_tokens: that each of them costs.
    """

    packing: int
    pairs: int
    distinct: int
    calls: int
    hits: int
    new: int
    input_bytes: int
    prefix_bytes: int
    canaries: int = 0
    output_tokens: float = OUTPUT_TOKENS["whole"]
    guidelines: int = 0
    pictures: int = 0
    picture_tokens: int = 0

    @property
    def answered(self) -> int:
        """Products that the calls' answers are about."""
        return self.new + self.canaries


def every_pair(asked: Iterable[Asked]) -> Iterator[tuple[Asked, Sequence[Product]]]:
    """As if no pair were kept."""
    return ((one, one.products) for one in asked)


def requests_for(
    asked: Sequence[Asked],
    endpoint: Endpoint,
    rubric: Rubric,
    packing: int,
    kept: Kept,
    left: Pairs = every_pair,
    canary_share: float = SHARE,
    guidelines: Sequence[Body] = (),
    picture_tokens: int = 0,
) -> Requests:
    """Makes the requests as the judge does, and counts them.

    Args:
        packing: products in one request.
        kept: whether each of some requests has a stored answer.
        left: gives each of some with the products whose pair is not kept.
        canary_share: of the queries that have a canary.
        guidelines: requests for guidelines that no answer is kept for.
        picture_tokens: that a picture costs.
    """
    count = _Count(endpoint, rubric, kept)
    untried = set(chosen((one.query for one in asked), canary_share))
    for one, unknown in left(asked):
        own = list(packs(one.query, unknown, packing)) if unknown else []
        count.pairs(one, own)
        if one.query.query_id in untried:
            # What probes find comes later, and has no canary.
            untried.remove(one.query.query_id)
            if canary := attacked(one):
                count.canaries(one, canary_requests(canary, own))
    count.guidelines(guidelines)
    return count.requests(packing, picture_tokens)


class _Count:
    """Counts requests. Equal ones count once."""

    def __init__(self, endpoint: Endpoint, rubric: Rubric, kept: Kept) -> None:
        self._endpoint, self._rubric, self._kept = endpoint, rubric, kept
        self._seen: set[str] = set()
        self._texts: set[str] = set()
        self._pairs = self._hits = self._calls = self._new = self._bytes = self._canaries = 0
        self._guidelines = self._pictures = 0

    def pairs(self, one: Asked, own: Sequence[Sequence[Product]]) -> None:
        """The pairs of a query, and the requests about those that are not kept."""
        self._pairs += len(one.products)
        pairs = (replace(one, products=(product,)) for product in one.products)
        self._texts.update(_digest(self._rubric.key(pair)) for pair in pairs)
        new = self._new_products(one, own)
        self._new += new
        self._hits += len(one.products) - new

    def canaries(self, one: Asked, asked: Sequence[Sequence[Product]]) -> None:
        self._canaries += self._new_products(one, asked)

    def guidelines(self, bodies: Sequence[Body]) -> None:
        self._guidelines += len(bodies)
        self._calls += len(bodies)
        self._bytes += sum(map(input_bytes, bodies))

    def _new_products(self, one: Asked, asked: Sequence[Sequence[Product]]) -> int:
        """Counts requests, and returns how many products those are about that are neither answered nor counted."""
        bodies, counts = [], []
        for products in asked:
            body = self._rubric.request(self._endpoint, replace(one, products=tuple(products)))
            if (digest := digest_of(body)) not in self._seen:
                self._seen.add(digest)
                bodies.append(body)
                counts.append(len(products))
        new = 0
        for body, products, answered in zip(bodies, counts, self._kept(bodies), strict=True):
            if not answered:
                self._calls += 1
                self._bytes += input_bytes(body)
                self._pictures += pictures_in(body)
                new += products
        return new

    def requests(self, packing: int, picture_tokens: int) -> Requests:
        return Requests(
            packing,
            self._pairs,
            len(self._texts),
            self._calls,
            self._hits,
            self._new,
            self._bytes,
            _prefix_bytes(self._endpoint, self._rubric),
            self._canaries,
            OUTPUT_TOKENS[self._rubric.name],
            self._guidelines,
            self._pictures,
            picture_tokens,
        )


def input_bytes(body: Body) -> int:
    """Bytes that the service counts as input: the texts of the messages, and the schema of the answer. No pictures."""
    texts = sum(len(text.encode()) for message in body["messages"] for text in texts_of(message))
    return texts + (len(json.dumps(body["response_format"]).encode()) if "response_format" in body else 0)


def nothing_kept(bodies: Sequence[dict[str, Any]]) -> Sequence[bool]:
    return [False] * len(bodies)


def kept_in(answers: PaidAnswers, endpoint: Endpoint) -> Kept:
    """Looks into a store of answers. It never calls the service."""

    async def look(bodies: Sequence[dict[str, Any]]) -> list[bool]:
        model, gate = PaidModel(endpoint, answers), asyncio.Semaphore(_READS)

        async def one(body: dict[str, Any]) -> bool:
            async with gate:
                return await model.ask(body, size_of(body, 0), may_call=False) is not None

        try:
            return await asyncio.gather(*map(one, bodies))
        finally:
            await model.close()

    return lambda bodies: asyncio.run(look(bodies)) if bodies else []


def left_in(answers: PaidAnswers, endpoint: Endpoint, rubric: Rubric, packing: int) -> Pairs:
    """Looks single pairs up, as the judge does."""
    pairs = KeptPairs(answers, endpoint, rubric, packing, run="")

    def look(asked: Iterable[Asked]) -> Iterator[tuple[Asked, Sequence[Product]]]:
        for looked in pairs.look_up(asked):
            yield looked.case, looked.left.products

    return look


def _prefix_bytes(endpoint: Endpoint, rubric: Rubric) -> int:
    document = rubric.document(Asked(Query(), ()))
    return input_bytes(endpoint.request(rubric.prompt.instructions, document, rubric.form)) - len(document.encode())


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
