"""What the report keeps of each result and each judgment. A market has millions, so equal parts are held once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sq.v1.judgment_pb2 import Judgment, Reason
from sq.v1.product_pb2 import Product, ProductRef
from sq.v1.retrieval_pb2 import Hit


class ProductKey(NamedTuple):
    """A product as it was at one time."""

    product_id: str
    content_hash: str


class Found(NamedTuple):
    """A result. Its rank is its place in the answer, from 1.

    Attributes:
        score: of the engine; 0 where it gives none.
    """

    product: ProductKey
    score: float


class Verdict(NamedTuple):
    """A judgment.

    Attributes:
        grade: 0..4.
        judge: its name.
    """

    product: ProductKey
    grade: int
    reasons: Sequence[Reason]
    judge: str


class Held:
    """Makes them, and gives equal keys, reasons and names the same object."""

    def __init__(self) -> None:
        self._keys: dict[ProductKey, ProductKey] = {}
        self._reasons: dict[bytes, tuple[Reason, ...]] = {b"": ()}
        self._judges: dict[str, str] = {}

    def key(self, ref: Product | ProductRef) -> ProductKey:
        return self._key(ProductKey(ref.product_id, ref.content_hash))

    def found(self, hit: Hit) -> Found:
        return Found(self.key(hit.product), hit.score)

    def verdict(self, judgment: Judgment) -> Verdict:
        key = self._key(ProductKey(judgment.product_id, judgment.content_hash))
        judge = self._judges.setdefault(judgment.judge, judgment.judge)
        return Verdict(key, judgment.grade, self._those(judgment.reasons), judge)

    def _key(self, key: ProductKey) -> ProductKey:
        return self._keys.setdefault(key, key)

    def _those(self, reasons: Sequence[Reason]) -> tuple[Reason, ...]:
        told = b"".join(reason.SerializeToString(deterministic=True) + b"\0" for reason in reasons)
        kept = self._reasons.get(told)
        if kept is None:
            # Copies, because a reason would keep the whole record that it came with.
            kept = self._reasons[told] = tuple(map(_copied, reasons))
        return kept


def _copied(reason: Reason) -> Reason:
    copy = Reason()
    copy.CopyFrom(reason)
    return copy
