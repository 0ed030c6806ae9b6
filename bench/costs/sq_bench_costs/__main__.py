"""Prints what judging the reference run costs, setting by setting, and how well each agrees with people.

    bazelw run //bench/costs -- FOLDER [--model gpt-5-mini]

FOLDER has products.ndjson.gz and judgments.csv of Chorus (github.com/querqy/chorus). The stand-in for the model answers
as the first of three people rated; the truth is the rating that they agreed on.
"""

from __future__ import annotations

import argparse
import csv
import os
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from sq_bench_costs.asked import Asked, ask
from sq_bench_costs.chorus import Pair, Trained, held_out, labels_of, titles
from sq_cli.money.prices import read_prices
from sq_llm_server.judges import labelled, read_labels
from sq_train.agreement import quadratic_kappa, with_interval

# 3 markets of 1,500 segments with 25 results each.
_REFERENCE = 3 * 1500 * 25


@dataclass(frozen=True)
class Row:
    """Attributes:
    packing: products in one request.
    threshold: confidence from which a trained judge's grade counts; none counts where it is above 1.
    asked_as: the row whose answers these are by construction of the stand-in; empty for none.
    """

    name: str
    packing: int
    mode: str = "plain"
    threshold: float = 2.0
    asked_as: str = ""


ROWS = (
    Row("one by one", 1),
    Row("packed by 10", 10, asked_as="one by one"),
    Row("packed by 25", 25, asked_as="one by one"),
    Row("packed by 25, flex", 25, "flex", asked_as="one by one"),
    Row("packed by 25, batch", 25, "batch", asked_as="one by one"),
    Row("one by one, cascade from 0.90", 1, threshold=0.9),
    Row("one by one, cascade from 0.85", 1, threshold=0.85),
    Row("one by one, cascade from 0.80", 1, threshold=0.8),
    Row("packed by 25, cascade from 0.85", 25, threshold=0.85, asked_as="one by one, cascade from 0.85"),
    Row("the same, batch", 25, "batch", threshold=0.85, asked_as="one by one, cascade from 0.85"),
)


def main(arguments: Sequence[str]) -> int:
    os.chdir(os.environ.get("BUILD_WORKING_DIRECTORY", "."))
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--model", default="gpt-5-mini", help="whose prices are used; default: %(default)s")
    parser.add_argument("--embedding", default="")
    flags = parser.parse_args(arguments)
    prices = read_prices()
    with tempfile.TemporaryDirectory(prefix="sq-costs-") as name:
        os.environ["SQ_KEYS"] = f"{name}/keys"
        bench = _Bench.read(flags.folder.absolute(), flags.embedding, flags.model, Path(name))
        print(f"{len(bench.pairs)} pairs; prices of {prices.date}")
        print("| setting | pairs asked | requests | dollars | of plain | quadratic kappa | less than plain |")
        print("|" + " --- |" * 7)
        for row in ROWS:
            print(bench.line(row, prices.models[flags.model]), flush=True)
    return 0


@dataclass
class _Bench:
    """Attributes:
    pairs: in sorted order, as all arrays.
    plain: dollars and grades of the first row.
    """

    folder: Path
    catalogue: Path
    model: str
    pairs: Sequence[Pair]
    truth: np.ndarray
    trained: Trained
    answer: object
    plain: tuple[float, np.ndarray] | None = None

    @classmethod
    def read(cls, data: Path, embedding: str, model: str, folder: Path) -> _Bench:
        catalogue, labels = data / "products.ndjson.gz", data / "judgments.csv"
        truth, first = labels_of(labels, "rating"), labels_of(labels, "rater_1")
        pairs = sorted(truth)
        name_of = titles(catalogue, {docid for _, docid in pairs})
        with (folder / "labels.csv").open("w", encoding="utf-8", newline="") as file:
            rows = ((query, name_of[docid], first[query, docid]) for query, docid in pairs)
            csv.writer(file).writerows([("query", "title", "grade"), *rows])
        answer = labelled(read_labels(folder / "labels.csv"))
        (folder / "scratch").mkdir()
        trained = held_out(catalogue, labels, embedding, folder / "scratch")
        return cls(folder, catalogue, model, pairs, np.array([truth[pair] for pair in pairs]), trained, answer)

    def line(self, row: Row, prices: Mapping) -> str:
        """The row's line of the table. Dollars are those of the reference run, by its number of pairs."""
        if row.mode not in prices:
            return f"| {row.name} | – | {self.model} has no such mode | | | | |"
        kept = self.trained.confidence >= row.threshold
        open_to = [pair for pair, sure in zip(self.pairs, kept, strict=True) if not sure]
        asked = ask(self.answer, open_to, self.catalogue, self.model, row.packing, row.mode, self.folder / row.name)
        grades = self._grades(asked)
        usd = asked.dollars(prices[row.mode]) * _REFERENCE / len(self.pairs)
        if self.plain is None:
            self.plain = usd, grades
        plain_usd, plain_grades = self.plain
        kappa = quadratic_kappa(self.truth, grades)
        lost = with_interval(
            lambda at: quadratic_kappa(self.truth[at], plain_grades[at]) - quadratic_kappa(self.truth[at], grades[at]),
            self.trained.queries,
            0,
        )
        difference = f"{lost.value:.3f} [{lost.low:.3f}, {lost.high:.3f}]"
        if row.asked_as:
            difference = f"as {row.asked_as}"
        asked_share = f"{len(open_to) / len(self.pairs):.0%}"
        cells = row.name, asked_share, f"{asked.usage.calls:,}", f"{usd:.2f}", f"{usd / plain_usd:.2f}", f"{kappa:.3f}"
        return f"| {' | '.join(cells)} | {difference} |"

    def _grades(self, asked: Asked) -> np.ndarray:
        own = self.trained.grades.tolist()
        return np.array([asked.grades.get(pair, grade) for pair, grade in zip(self.pairs, own, strict=True)])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
