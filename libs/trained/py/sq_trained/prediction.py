"""A trained judge as a module of a bucket's model: artefacts in, judgments out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from google.protobuf.message import Message

from sq.v1.judgment_pb2 import (
    JUDGE_FAILURE_REASON_PRODUCT_NOT_FOUND,
    JudgeFailure,
    JudgingRecord,
    JudgingSummary,
)
from sq.v1.model_card_pb2 import ModelInput, ModelInterface
from sq.v1.product_pb2 import Product
from sq.v1.query_pb2 import Query
from sq.v1.retrieval_pb2 import SearchResult
from sq_models import folder_digest
from sq_trained.features import Features
from sq_trained.folder import read_model
from sq_trained.judgments import judge_name, judgment

# model.py of a folder that sq train writes, and what it reads and writes.
MODULE = '''"""A judge that sq train made. sq-predict runs it."""

from sq_trained import JudgeModel


class Model(JudgeModel):
    """Grades what a search returned, by the weights beside this file."""
'''
INTERFACE = ModelInterface(
    inputs=[
        ModelInput(name="queries", message_type="sq.v1.QuerySetRecord"),
        ModelInput(name="retrieval", message_type="sq.v1.RetrievalRecord"),
    ],
    output_type="sq.v1.JudgingRecord",
)
_Products = Mapping[tuple[str, str], Product]


class JudgeModel:
    """Grades every result of a retrieval, as evaluate does with this model and no known matches."""

    def __init__(self, folder: Path) -> None:
        """Reads the weights of a verified folder. Raises ValueError if it is of another version."""
        self._model = read_model(folder)
        self._features = Features(self._model.embed)
        self._name = judge_name(folder_digest(folder), self._model)

    def run(self, inputs: Mapping[str, Iterable[Message]]) -> Iterator[JudgingRecord]:
        """Yields a summary, then one record for each result, in the retrieval's order.

        Raises:
            ValueError: a query is in another language, is not in the query set, or is a probe.
        """
        queries: dict[str, Query] = {}
        products: dict[tuple[str, str], Product] = {}
        for record in inputs["queries"]:
            _keep(products, record)
            queries |= {query.query_id: query for query in record.segment.queries}
        for record in inputs["retrieval"]:
            _keep(products, record)
        self._features.learn(products.values(), self._language(queries.values()))
        yield JudgingRecord(summary=JudgingSummary(pool_depth=0))
        for record in inputs["retrieval"]:
            if record.HasField("result"):
                yield from self._judged(_query_of(record.result, queries), record.result, products)

    def _judged(self, query: Query, result: SearchResult, products: _Products) -> Iterator[JudgingRecord]:
        refs = [hit.product for hit in result.hits]
        found = [products.get((ref.product_id, ref.content_hash)) for ref in refs]
        rows = [self._features.row(query, product) for product in found if product is not None]
        graded = iter(zip(rows, self._model.grade(rows), strict=True))
        for ref, product in zip(refs, found, strict=True):
            if product is None:
                reason = JUDGE_FAILURE_REASON_PRODUCT_NOT_FOUND
                failure = JudgeFailure(query_id=query.query_id, product_id=ref.product_id, reason=reason)
                failure.judge = self._name
                yield JudgingRecord(failure=failure)
            else:
                yield JudgingRecord(judgment=judgment(query, product, *next(graded), self._name))

    def _language(self, queries: Iterable[Query]) -> str:
        trained = self._model.card.language
        other = next((query.language for query in queries if query.language != trained), None)
        if other is not None:
            raise ValueError(f"the model was trained on {trained!r}, and the queries are {other!r}")
        return trained


def _keep(products: dict[tuple[str, str], Product], record: Message) -> None:
    if record.HasField("product"):
        products[record.product.product_id, record.product.content_hash] = record.product


def _query_of(result: SearchResult, queries: Mapping[str, Query]) -> Query:
    query = queries.get(result.query_id)
    if query is None:
        raise ValueError(f"query {result.query_id} is not in the query set")
    if query.HasField("probe"):
        raise ValueError(f"query {result.query_id} is a probe, which evaluate judges for the query that it changes")
    return query
