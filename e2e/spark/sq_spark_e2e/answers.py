"""Compares the answers of both engines to all queries, over logs in which many texts are equally frequent."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import astuple

from sq.v1.generate_config_pb2 import SparkOptions
from sq_generate.batch_classifier import EachClassifier
from sq_generate.classifier import Classified
from sq_generate.duckdb_engine import DuckDbEngine
from sq_generate.engine import UNWATCHED, Engine
from sq_generate.sample import take_sample
from sq_generate.spark import ranking
from sq_generate.spark.engine import SparkEngine
from sq_generate.spark.session import SparkApplication

_MANY = 1_000_000
# One query; few segments of the first log as strata of their own; most of them; all queries.
BUDGETS = [1, 30, 300, 100_000]
_STARTS = ["", "!", "a", "B", "é", "👟", "\uffee", "same beginning "]
# Logs with ties at the borders of the bands: (number of texts, searches of each text).
SHAPES = [[(1, 1)], [(3, 1)], [(900, 1)], [(1, 1000), (600, 1)], [(40, 3), (40, 2), (40, 1)], []]


def classify(spellings: Sequence[str]) -> list[Classified]:
    """Classifies by the first letter. A leading "!" means junk."""
    return [_classify_one(spelling.strip().lower()) for spelling in spellings]


def _classify_one(text: str) -> Classified:
    junk = "EMPTY" if not text else "BANG" if text[0] == "!" else ""
    return Classified(text, junk, "" if junk else text[0].upper())


def logs(seed: int = 3) -> Iterator[list[tuple[str, int]]]:
    rng = random.Random(seed)
    yield [
        (rng.choice(_STARTS) + str(rng.randrange(rng.choice([9, 400]))), rng.choice([1, 1, 2, 5])) for _ in range(2000)
    ]
    for shape in SHAPES:
        texts = iter(rng.sample(range(10_000), sum(count for count, _ in shape)))
        yield [(f"{rng.choice(_STARTS[2:])}{next(texts)}", searches) for count, searches in shape for _ in range(count)]


def answers(engine: Engine, rows: list[tuple[str, int]]) -> list[object]:
    engine.count(iter(rows))
    engine.classify(EachClassifier(classify))
    segments = [item.segment_id for item in engine.top_segments(_MANY)]
    return [
        engine.totals(),
        engine.junk(3),
        engine.segment_levels(),
        engine.top_segments(2),
        segments,
        engine.segments([*segments[:2], "of no query"]),
        engine.segments([]),
        [column.tolist() for column in astuple(engine.levels(segments[1:3]))],
        [column.tolist() for column in astuple(engine.levels([]))],
        engine.all_queries(),
        engine.bands(),
        *(take_sample(engine, budget, seed=5) for budget in BUDGETS),
    ]


def differences(few: int = 5) -> list[str]:
    """The answers in which the engines differ, as text.

    Args:
        few: the number of texts that Spark's engine sorts on the driver. It is small, so that the engine has to cut
            these small logs too.
    """
    ranking.FEW = few
    application = SparkApplication.start(SparkOptions(master="local[2]"), "answers", UNWATCHED)
    found = []
    try:
        for number, rows in enumerate(logs()):
            duckdb = DuckDbEngine()
            expected = answers(duckdb, rows)
            duckdb.close()
            pairs = zip(expected, answers(SparkEngine(application, UNWATCHED), rows), strict=True)
            found += [f"log {number}, answer {i}: {a} {b}"[:500] for i, (a, b) in enumerate(pairs) if a != b]
    finally:
        application.close()
    return found
