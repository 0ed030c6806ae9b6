"""sq-validate: tagged queries, labels and catalogue in; checked labels with their products out."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Sequence

from sq.v1.judge_training_pb2 import JudgeTraining, Label, LabelsSummary, TrainingRecord
from sq.v1.product_pb2 import Product
from sq.v1.query_pb2 import Query
from sq_ratings import query_key
from sq_source import read_catalogue
from sq_stagekit import InputError, Stage, Work, run_stage
from sq_train.examples import check_enough, known_pairs
from sq_train.labels import Labels, read_labels
from sq_train.stages.config import LABELS, as_configured
from sq_train.stages.data import queries_of

_SHARE = 0.25
# The paired test swaps whole queries. With fewer, even one judge that is right everywhere is not better by p <= 0.05.
_HELD_OUT_QUERIES = 6
_BITS = 64


def run(work: Work) -> None:
    config: JudgeTraining = work.config
    with as_configured():
        labels, scale = read_labels(config.labels)
        wanted = {product for _, product in labels}
        read = read_catalogue(config.catalogue, "--catalogue")
        products = {product.product_id: product for product in read if product.product_id in wanted}
        queries = {query_key(query.source_text): query for query in queries_of(work.inputs["queries"][0])}
        pairs = known_pairs(labels, queries, products)
        records = split(pairs, labels, queries, config.held_out_share or _SHARE)
        check(records)
    _write(work, records, [products[key] for key in sorted({product for _, product in pairs})], scale)


def split(pairs: Sequence[tuple[str, str]], labels: Labels, queries: dict[str, Query], share: float) -> list[Label]:
    """The labels of the pairs. Those of some queries are held out."""
    return [
        Label(
            query_id=queries[query].query_id,
            product_id=product,
            grade=labels[query, product],
            held_out=is_held_out(query, share),
        )
        for query, product in pairs
    ]


def is_held_out(query: str, share: float) -> bool:
    """Whether a query, by its key, is kept apart. It depends on nothing else, so no model of this data ever saw it."""
    digest = hashlib.sha256(f"held out\0{query}".encode()).digest()
    return int.from_bytes(digest[: _BITS // 8], "big") < share * 2**_BITS


def check(labels: Sequence[Label]) -> None:
    """Raises InputError if the labels can train no judge, or cannot tell whether it is better than another."""
    check_enough([label.grade for label in labels], [label.query_id for label in labels])
    taught = [label for label in labels if not label.held_out]
    check_enough([label.grade for label in taught], [label.query_id for label in taught], " after some are held out")
    held = [label for label in labels if label.held_out]
    queries = len({label.query_id for label in held})
    if queries < _HELD_OUT_QUERIES:
        problem = f"{queries} of the labelled queries are held out, and a comparison needs {_HELD_OUT_QUERIES}"
        raise InputError(LABELS, problem, "label more queries, or raise judge_training.held_out_share")
    if len({label.grade for label in held}) == 1:
        problem = f"all labels that are held out have the grade {held[0].grade}"
        raise InputError(LABELS, problem, "label more queries, so that both parts have several grades")


def _write(work: Work, labels: Sequence[Label], products: Sequence[Product], scale: str) -> None:
    held = [label for label in labels if label.held_out]
    summary = LabelsSummary(
        training_labels=len(labels) - len(held),
        held_out_labels=len(held),
        held_out_queries=len({label.query_id for label in held}),
        scale=scale,
    )
    work.write(TrainingRecord(summary=summary))
    for label in labels:
        work.write(TrainingRecord(label=label))
    for product in products:
        work.write(TrainingRecord(product=product))
    work.note = (
        f"{summary.training_labels} labels to train on, {len(held)} of {summary.held_out_queries} queries held out;"
        f" ratings on {scale}"
    )


if __name__ == "__main__":
    sys.exit(run_stage(Stage.beside(__file__), run))
