"""The labelled pairs of Chorus, and what a trained judge says of them that saw none of their queries."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sq.v1.source_pb2 import Catalogue
from sq_bench_trained.shop import read_shop
from sq_source import read_catalogue
from sq_text import query_form
from sq_train.embedding_files import open_embedding, read_embedding
from sq_train.validation import cross_decided, held_out_scores

Pair = tuple[str, str]
# Ratings of 0 to 3 as grades of 0 to 4, halves up, as the judge `people` reads them.
_GRADES = (0, 1, 3, 4)


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


def read_labels(path: Path, column: str) -> dict[Pair, int]:
    """Grades by (query, docid), from one column of the ratings."""
    with path.open(encoding="utf-8", newline="") as file:
        return {(query_form(row["query"]), row["docid"]): _GRADES[int(row[column])] for row in csv.DictReader(file)}


def held_out(catalogue: Path, labels: Path, embedding: str, scratch: Path) -> Trained:
    """Grades by cross-validation over queries, with calibrated confidence."""
    shop = read_shop(catalogue, labels, open_embedding(read_embedding(embedding)), scratch)
    grades, above = cross_decided(held_out_scores(shop.examples, 0), shop.examples, 0)
    bounds = np.hstack([np.ones((len(above), 1)), above, np.zeros((len(above), 1))])
    rows = np.arange(len(grades))
    return Trained(grades, bounds[rows, grades] - bounds[rows, grades + 1], shop.examples.queries)


def titles(catalogue: Path, wanted: set[str]) -> Mapping[str, str]:
    """Titles of products by id."""
    found = read_catalogue(Catalogue(uri=str(catalogue)), "catalogue")
    return {product.product_id: product.title for product in found if product.product_id in wanted}
