"""Pairs a second on one core, and seconds of training."""

from __future__ import annotations

import time
from pathlib import Path

from sq_bench_trained.shop import Shop
from sq_train.embedding_files import read_embedding
from sq_train.training import train
from sq_train.write import write_model
from sq_trained import Features, open_model

_PAIRS = 3000
_BATCH = 40


def speed(shop: Shop, embedding: str, folder: Path) -> list[tuple[str, str]]:
    """Trains, writes and opens a model of a shop, and judges pairs that it never saw: every text is new to it."""
    began = time.perf_counter()
    trained = train(shop.examples, "en", 0)
    training = time.perf_counter() - began
    write_model(folder / "model", trained, read_embedding(embedding))
    began = time.perf_counter()
    model = open_model(str(folder / "model"), "model").model
    opening = time.perf_counter() - began
    features = Features(model.embed)
    features.learn(shop.products, "en")
    products = shop.products * (_PAIRS // len(shop.products) + 1)
    began = time.perf_counter()
    for start in range(0, _PAIRS, _BATCH):
        query = shop.queries[start // _BATCH % len(shop.queries)]
        model.grade([features.row(query, product) for product in products[start : start + _BATCH]])
    judging = time.perf_counter() - began
    trees = sum(len(content) for content in trained.trees.values())
    whole = sum(path.stat().st_size for path in (folder / "model").iterdir())
    return [
        ("pairs judged a second, one core", f"{_PAIRS / judging:.0f}"),
        ("seconds to verify and open a model", f"{opening:.1f}"),
        (f"seconds to train on {len(shop.examples.grades)} pairs, after their features", f"{training:.0f}"),
        ("KiB of trees", f"{trees / 1024:.0f}"),
        ("MiB of the folder", f"{whole / 2**20:.1f}"),
    ]
