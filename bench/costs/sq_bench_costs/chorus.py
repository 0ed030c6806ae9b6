"""The labelled pairs of Chorus, and what a trained judge says of them that saw none of their queries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sq.v1.evaluate_config_pb2 import PeopleJudge as Labels
from sq.v1.evaluate_config_pb2 import RatingColumns
from sq.v1.source_pb2 import Catalogue
from sq_bench_trained.shop import read_shop
from sq_source import read_catalogue
from sq_train.embedding_files import open_embedding, read_embedding
from sq_train.labels import read_labels
from sq_train.validation import cross_decided, held_out_scores
from sq_trained.scores import confidences

Pair = tuple[str, str]


@dataclass(frozen=True)
class Trained:
    """Attributes:
    grades: of the pairs in sorted order.
    confidence: 0..1, that each is right.
    queries: the number of each pair's query.
    """

    grades: NDArray[np.int64]
    confidence: NDArray[np.float64]
    queries: NDArray[np.int64]


def labels_of(path: Path, column: str) -> dict[Pair, int]:
    """Grades by (query, docid), from one column of the ratings."""
    labels, _ = read_labels(Labels(uri=str(path), columns=RatingColumns(rating=column)))
    return labels


def held_out(catalogue: Path, labels: Path, embedding: str, scratch: Path) -> Trained:
    """Grades by cross-validation over queries, with calibrated confidence."""
    shop = read_shop(catalogue, labels, open_embedding(read_embedding(embedding)), scratch)
    grades, above = cross_decided(held_out_scores(shop.examples, 0), shop.examples, 0)
    return Trained(grades, confidences(above, grades), shop.examples.queries)


def titles(catalogue: Path, wanted: set[str]) -> Mapping[str, str]:
    """Titles of products by id."""
    found = read_catalogue(Catalogue(uri=str(catalogue)), "catalogue")
    return {product.product_id: product.title for product in found if product.product_id in wanted}
