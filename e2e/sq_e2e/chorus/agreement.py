"""Checks of `sq judge` on the pairs that people rated, and how well the baseline judge agrees with them."""

from __future__ import annotations

import csv

import numpy as np

from sq_e2e.checks import Checks
from sq_e2e.chorus.data import PEOPLE_SCALE, Chorus
from sq_e2e.chorus.programs import sq

# Reached: 0.787. Judge and data are fixed, so only other libraries may change a few pairs.
KAPPA = 0.77


def check_judge(checks: Checks, chorus: Chorus, environment: dict[str, str]) -> None:
    out = chorus.folder / "judged.csv"
    with checks.check("sq judge rates the file of people's judgments as it is"):
        arguments = ["--catalogue", str(chorus.products), "--pairs", str(chorus.judgments), "--out", str(out)]
        sq("judge", "--judge", "baseline", *arguments, environment=environment)
        with out.open(encoding="utf-8", newline="") as file:
            judged = list(csv.DictReader(file))
        assert [(r["query"], r["docid"]) for r in judged] == [(r["query"], r["docid"]) for r in chorus.rows()]
    with checks.check(f"quadratic kappa of baseline and people is at least {KAPPA}"):
        pairs = [
            (int(a["judgment"]), as_grade(b["rating"]))
            for a, b in zip(judged, chorus.rows(), strict=True)
            if a["judgment"]
        ]
        kappa = quadratic_kappa([a for a, _ in pairs], [b for _, b in pairs])
        print(f"     quadratic kappa {kappa:.3f} over {len(pairs)} of {len(judged)} pairs")
        assert kappa >= KAPPA


def quadratic_kappa(a: list[int], b: list[int], grades: int = 5) -> float:
    """Cohen's kappa with quadratic weights (Cohen 1968): 1 - sum(w observed) / sum(w expected)."""
    observed = np.zeros((grades, grades))
    np.add.at(observed, (a, b), 1)
    expected = np.outer(observed.sum(1), observed.sum(0)) / observed.sum()
    weights = np.subtract.outer(np.arange(grades), np.arange(grades)) ** 2
    return float(1 - (weights * observed).sum() / (weights * expected).sum())


def as_grade(rating: str) -> int:
    """Maps 0..3 onto 0..4 linearly and rounds half up, as evaluate does when it imports judgments."""
    return int(4 * float(rating) / PEOPLE_SCALE + 0.5)
