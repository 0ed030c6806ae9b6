"""Examples of a shop, made as `sq train` makes them: the queries are tagged by generate."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import sq_generate.__main__ as generate_program
from sq.v1.evaluate_config_pb2 import PeopleJudge as Labels
from sq.v1.product_pb2 import Product
from sq.v1.query_pb2 import Query
from sq.v1.source_pb2 import Catalogue
from sq_generate.run import run as generate
from sq_source import read_catalogue
from sq_stagekit import Stage, run_stage
from sq_train.__main__ import read_queries
from sq_train.examples import Examples, make_examples
from sq_train.labels import read_labels
from sq_trained import Features
from sq_trained.embedding import Embedding


@dataclass(frozen=True)
class Shop:
    """Attributes:
    pairs: the labelled queries and products, in an order of their own, for measuring speed.
    """

    examples: Examples
    queries: list[Query]
    products: list[Product]


def read_shop(catalogue: Path, labels: Path, embedding: Embedding, scratch: Path) -> Shop:
    """Reads a shop's files. Raises RuntimeError if generate fails, which its log explains."""
    rated, _ = read_labels(Labels(uri=str(labels)))
    config = {
        "source_language": "en",
        "target_language": "en",
        "fixed": {"text": sorted({query for query, _ in rated})},
        "catalogue": {"uri": str(catalogue)},
        "known_matches": 0,
    }
    out = str(scratch / "queries")
    flags = ["--run-id=r", "--market=m", f"--config={json.dumps(config)}", f"--output={out}"]
    if run_stage(Stage.beside(generate_program.__file__), generate, flags):
        raise RuntimeError("generate failed")
    wanted = {product for _, product in rated}
    products = {
        one.product_id: one
        for one in read_catalogue(Catalogue(uri=str(catalogue)), "catalogue")
        if one.product_id in wanted
    }
    queries = read_queries(out)
    return Shop(make_examples(rated, queries, products, Features(embedding)), queries, list(products.values()))
