"""Prints the tables of docs/models.md.

    bazelw run //bench/trained -- FOLDER [--embedding FOLDER]

FOLDER has products.ndjson.gz and judgments.csv of Chorus (github.com/querqy/chorus).
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

from sq_bench_trained.fashion import write_shop
from sq_bench_trained.shop import read_shop
from sq_bench_trained.speed import speed
from sq_bench_trained.tables import groups, learning_curve, transfer
from sq_train.embedding_files import NONE, open_embedding, read_embedding

_FILES = ("products.ndjson.gz", "judgments.csv")


def main(arguments: Sequence[str]) -> int:
    os.chdir(os.environ.get("BUILD_WORKING_DIRECTORY", "."))
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--embedding", default="")
    flags = parser.parse_args(arguments)
    missing = [str(flags.folder / name) for name in _FILES if not (flags.folder / name).is_file()]
    if missing:
        print(f"missing: {', '.join(missing)}\n  give the folder of Chorus' products and judgments", file=sys.stderr)
        return 2
    embedding = open_embedding(read_embedding(flags.embedding))
    with tempfile.TemporaryDirectory(prefix="sq-bench-") as name:
        folder = Path(name)
        os.environ["SQ_KEYS"] = str(folder / "keys")
        for part in ("chorus", "words", "fashion"):
            (folder / part).mkdir()
        chorus = read_shop(*(flags.folder / name for name in _FILES), embedding, folder / "chorus")
        fashion = read_shop(*write_shop(folder / "fashion"), embedding, folder / "fashion")
        words = read_shop(*(flags.folder / name for name in _FILES), None, folder / "words")
        columns = (speed(chorus, flags.embedding, folder / "chorus"), speed(words, NONE, folder / "words"))
        rows = [(name, value, other) for (name, value), (_, other) in zip(*columns, strict=True)]
        _table(("figure", "with the embedding", "without"), rows)
        head = ("quadratic kappa", "same grade", "calibration error")
        _table(("features", *head), groups(chorus.examples))
        _table(("trained on", *head, "rules' kappa", "rules' same grade"), _transfers(chorus, fashion))
        _table(
            ("queries labelled", *head[:2], "rules' kappa", "better than the rules"), learning_curve(chorus.examples)
        )
    return 0


def _transfers(chorus, fashion) -> Iterable[tuple[str, ...]]:
    yield ("electronics, judges fashion", *transfer(chorus.examples, fashion.examples))
    yield ("fashion, judges electronics", *transfer(fashion.examples, chorus.examples))


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    print(f"\n| {' | '.join(head)} |\n|{' --- |' * len(head)}", flush=True)
    for row in rows:
        print(f"| {' | '.join(row)} |", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
