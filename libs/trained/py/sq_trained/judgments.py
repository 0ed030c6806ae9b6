"""From a graded pair to a judgment."""

from __future__ import annotations

from sq.v1.judgment_pb2 import REASON_CODE_OFF_TOPIC, Judgment, Reason
from sq.v1.product_pb2 import Product
from sq.v1.query_pb2 import Query
from sq_trained.features import Row
from sq_trained.model import Graded, Model
from sq_trained.scores import TOP_GRADE


def judge_name(digest: str, model: Model) -> str:
    """The name of a model's judge, from the digest of its folder: its kind, and which one it is."""
    return f"{'trained-words' if model.by_words else 'trained'}/{digest[:12]}"


def judgment(query: Query, product: Product, row: Row, graded: Graded, judge: str) -> Judgment:
    """The model's grade with its confidence. The reasons are those of the rules the model starts from."""
    # Where the rules find nothing wrong, all that the model says is: another thing was meant.
    found = row.rules.reasons or (Reason(code=REASON_CODE_OFF_TOPIC),)
    return Judgment(
        query_id=query.query_id,
        product_id=product.product_id,
        content_hash=product.content_hash,
        grade=graded.grade,
        reasons=found if graded.grade < TOP_GRADE else (),
        judge=judge,
        confidence=graded.confidence,
    )
