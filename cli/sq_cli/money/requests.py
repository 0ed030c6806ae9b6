"""The requests that an OpenAI judge sends for pairs: how many, how large, and which are answered already."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sq.v1.product_pb2 import Product
from sq.v1.query_pb2 import Query
from sq_cli.money.pairs import Asked
from sq_evaluate.judge import Case
from sq_evaluate.judges import prompt
from sq_evaluate.judges.kept_pairs import KeptPairs
from sq_llm import Endpoint, PaidAnswers, PaidModel, size_of

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
    """

    packing: int
    pairs: int
    distinct: int
    calls: int
    hits: int
    new: int
    input_bytes: int
    prefix_bytes: int


def every_pair(asked: Iterable[Asked]) -> Iterator[tuple[Asked, Sequence[Product]]]:
    """As if no pair were kept."""
    return ((one, one.products) for one in asked)


def requests_for(
    asked: Iterable[Asked], endpoint: Endpoint, packing: int, kept: Kept, left: Pairs = every_pair
) -> Requests:
    """Makes the requests as the judge does, and counts them.

    Args:
        packing: products in one request.
        kept: whether each of some requests has a stored answer.
        left: gives each of some with the products whose pair is not kept.
    """
    seen: set[str] = set()
    texts: set[str] = set()
    pairs = hits = calls = new = size = 0
    for one, unknown in left(asked):
        pairs += len(one.products)
        hits += len(one.products) - len(unknown)
        texts.update(_digest(prompt.document(one.query, [product])) for product in one.products)
        bodies, counts = [], []
        for start in range(0, len(unknown), packing):
            products = unknown[start : start + packing]
            body = _body(endpoint, one.query, products)
            if (digest := _digest(json.dumps(body, sort_keys=True))) in seen:
                hits += len(products)
                continue
            seen.add(digest)
            bodies.append(body)
            counts.append(len(products))
        for body, count, answered in zip(bodies, counts, kept(bodies), strict=True):
            if answered:
                hits += count
                continue
            calls += 1
            new += count
            size += input_bytes(body)
    return Requests(packing, pairs, len(texts), calls, hits, new, size, _prefix_bytes(endpoint))


def input_bytes(body: Body) -> int:
    """Bytes that the service counts as input: the texts of the messages, and the schema of the answer."""
    texts = sum(len(message["content"].encode()) for message in body["messages"])
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


def left_in(answers: PaidAnswers, endpoint: Endpoint, packing: int) -> Pairs:
    """Looks single pairs up, as the judge does."""
    pairs = KeptPairs(answers, endpoint, packing, run="")

    def look(asked: Iterable[Asked]) -> Iterator[tuple[Asked, Sequence[Product]]]:
        for looked in pairs.look_up(Case(one.query, one.products) for one in asked):
            yield Asked(looked.case.query, looked.case.products), looked.left.products

    return look


def _body(endpoint: Endpoint, query: Query, products: Sequence[Product]) -> dict[str, Any]:
    return endpoint.request(prompt.INSTRUCTIONS, prompt.document(query, products), prompt.FORM)


def _prefix_bytes(endpoint: Endpoint) -> int:
    return input_bytes(_body(endpoint, Query(), [])) - len(prompt.document(Query(), []).encode())


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
