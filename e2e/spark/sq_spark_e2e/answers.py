"""Every question an engine answers, asked of both, over rows where many are as frequent as others."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import astuple

from sq.v1.generate_config_pb2 import SparkOptions
from sq_generate.classifier import Classified
from sq_generate.duckdb_engine import DuckDbEngine
from sq_generate.engine import UNWATCHED, Engine
from sq_generate.sample import take_sample
from sq_generate.spark import ranking
from sq_generate.spark.engine import SparkEngine
from sq_generate.spark.session import SparkApplication

_MANY = 1_000_000
# One query, few of the first log's segments as strata of their own, most of them, and all queries.
BUDGETS = [1, 30, 300, 100_000]
_STARTS = ["", "!", "a", "B", "é", "👟", "\uffee", "same beginning "]
# Where one third ends among equals: rows of (how many texts, searches of each).
SHAPES = [[(1, 1)], [(3, 1)], [(900, 1)], [(1, 1000), (600, 1)], [(40, 3), (40, 2), (40, 1)], []]


def classify(spellings: Sequence[str]) -> list[Classified]:
    """Segment by first letter, junk by a leading "!"."""
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
    engine.classify(classify)
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
    """Where both engines answer differently.

    Args:
        few: how many texts Spark's engine looks through on the driver, so that it has to cut this small log too.
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
