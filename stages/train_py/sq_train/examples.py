"""Labelled pairs with their features."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from sq.v1.product_pb2 import Product
from sq.v1.query_pb2 import Query
from sq_ratings import query_key
from sq_stagekit import InputError
from sq_train.labels import FIELD, Labels
from sq_trained import Features, Row


@dataclass(frozen=True)
class Examples:
    """Labelled pairs in the order of query, then product id.

    Attributes:
        values: features, float32 of (pairs, features).
        rules: grades of the rules, 0 to 4.
        grades: labels, 0 to 4.
        queries: number of each pair's query, from 0: pairs of one query are never split.
        products_sha256: over the content hashes of the products.
    """

    values: np.ndarray
    rules: np.ndarray
    grades: np.ndarray
    queries: np.ndarray
    products_sha256: str = ""

    @property
    def weights(self) -> np.ndarray:
        """A query with four times the labels weighs twice as much: its pairs are much alike. The mean is 1."""
        counts = np.bincount(self.queries)[self.queries]
        weights = counts**-0.5
        return weights / weights.mean()

    def take(self, chosen: np.ndarray) -> Examples:
        """The chosen pairs: a mask or indices."""
        return Examples(self.values[chosen], self.rules[chosen], self.grades[chosen], self.queries[chosen])


def make_examples(
    labels: Labels, queries: Iterable[Query], products: Mapping[str, Product], features: Features
) -> Examples:
    """Features of all labelled pairs whose query and product are known.

    Args:
        products: by id.

    Raises:
        InputError: no labelled product is in the catalogue, or the labels are too few or all alike.
    """
    known = {query_key(query.source_text): query for query in queries}
    pairs = known_pairs(labels, known, products)
    language = next(iter(known.values())).language
    used = {product_id: products[product_id] for _, product_id in pairs}
    features.learn(used.values(), language)
    rows = [features.row(known[query], used[product_id]) for query, product_id in pairs]
    hashes = "".join(sorted(product.content_hash for product in used.values()))
    names = sorted({query for query, _ in pairs})
    numbers = {query: number for number, query in enumerate(names)}
    made = _stack(rows, [labels[pair] for pair in pairs], [numbers[query] for query, _ in pairs], hashes)
    check_enough(made.grades.tolist(), made.queries.tolist())
    return made


def known_pairs(labels: Labels, queries: Mapping[str, Query], products: Mapping[str, Product]) -> list[tuple[str, str]]:
    """The labelled pairs whose query and product are known, sorted.

    Args:
        queries: by key.
        products: by id.

    Raises:
        InputError: there are none.
    """
    pairs = [pair for pair in sorted(labels) if pair[0] in queries and pair[1] in products]
    if pairs:
        return pairs
    (_, product_id), *_ = labels
    raise InputError(
        "--catalogue",
        f"has none of the {len({product for _, product in labels})} labelled products, such as {product_id!r}",
        "give the catalogue that the labels are about; its field id must be the labels' docid",
    )


def _stack(rows: Sequence[Row], grades: Sequence[int], queries: Sequence[int], hashes: str) -> Examples:
    return Examples(
        np.stack([row.values for row in rows]),
        np.array([row.rules.grade for row in rows]),
        np.array(grades),
        np.array(queries),
        hashlib.sha256(hashes.encode()).hexdigest(),
    )


def check_enough(grades: Sequence[int], queries: Sequence[object], where: str = "") -> None:
    """Raises InputError if labels are too few to train a judge, or all alike.

    Args:
        queries: the query of each label.
        where: which labels these are, for the error.
    """
    distinct, pairs = len(set(queries)), len(grades)
    if len(set(grades)) == 1:
        problem = f"all {pairs} labels{where} have the grade {grades[0]}: there is nothing to tell apart"
        raise InputError(FIELD, problem, "add pairs of other grades, irrelevant ones too")
    if distinct < 4 or pairs < 40:
        problem = f"{pairs} labels of {distinct} queries are too few{where}"
        raise InputError(FIELD, problem, "give at least 40 labels of 4 queries; 50 queries or more make a good judge")
