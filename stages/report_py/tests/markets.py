"""Random markets: healthy ones, and ones with failures planted in them."""

from __future__ import annotations

import numpy as np
from synthetic import Case

from sq.v1.judgment_pb2 import Reason, ReasonCode
from sq.v1.retrieval_pb2 import RetrievalFailureReason

COLOURS = ("red", "navy", "green", "black", "white", "beige")
BRANDS = ("corvo", "dune", "elan", "fjord", "gale", "holt")
TERMS = ("summer", "party", "office", "garden", "school", "beach")
PLANTED = {
    "RETRIEVAL_FAILED/SERVER_ERROR",
    "RETRIEVAL_FAILED/TIMEOUT",
    "RETRIEVAL_FAILED/MALFORMED",
    "TRANSLATION_LOST_TAG/COLOUR=red",
    "TRANSLATION_LOST_TAG/COLOUR=navy",
    "TRANSLATION_LOST_TAG/COLOUR=green",
    "ENTITY_NOT_FOUND/BRAND=acme",
    "ENTITY_NOT_FOUND/BRAND=birch",
    "ENTITY_NOT_FOUND/CATEGORY=kilt",
    "TERM_NOT_RECOGNISED/trainers",
    "TERM_NOT_RECOGNISED/jumper",
    "TERM_NOT_RECOGNISED/mac",
    "ATTRIBUTE_WRONG_OR_MISSING/COLOUR=black",
    "ATTRIBUTE_WRONG_OR_MISSING/COLOUR=white",
    "ATTRIBUTE_WRONG_OR_MISSING/MATERIAL=wool",
}
_FOUND, _NOT_FOUND, _MISSING = (8, 2, 0, 0), (0, 10, 0, 0), (3, 2, 4, 1)


def healthy(seed: int, queries: int = 120, evidence_rate: float = 0.3) -> list[Case]:
    """Losses have nothing to do with the signs, which fall on queries at random; three quarters lose something."""
    random = np.random.default_rng(seed)
    cases = []
    for number in range(queries):
        sign = random.random() < evidence_rate
        kind = random.integers(3)
        value = int(random.integers(6))
        case = Case(f"s{number // 5} query {number}", _grades(random), [4, 4], searches=int(random.integers(1, 100)))
        if kind == 0:
            case.terms = {f"{TERMS[value]}{int(random.integers(2)) if sign else 'x'}": not sign}
        elif kind == 1:
            case.evidence = {f"BRAND={BRANDS[value]}{'y' if sign else ''}": _NOT_FOUND if sign else _FOUND}
        else:
            colour = COLOURS[value]
            case.evidence = {f"COLOUR={colour}": _MISSING if sign else _FOUND}
            case.reasons = [Reason(code=ReasonCode.REASON_CODE_TAG_MISSING, tag_type="COLOUR", value=colour)]
        cases.append(case)
    return cases


def planted(seed: int, each: int = 6, background: int = 120) -> list[Case]:
    """Every class of PLANTED with so many failing queries, among healthy ones."""
    random = np.random.default_rng(seed)
    cases = healthy(seed, background, evidence_rate=0)
    for class_id in sorted(PLANTED):
        kind, _, about = class_id.partition("/")
        for number in range(each):
            case = Case(f"p-{class_id} {number}", _poor(random), [4, 4, 4], searches=int(random.integers(1, 100)))
            _plant(case, kind, about)
            cases.append(case)
    return cases


def _plant(case: Case, kind: str, about: str) -> None:
    if kind == "RETRIEVAL_FAILED":
        case.failure = RetrievalFailureReason.Value(f"RETRIEVAL_FAILURE_REASON_{about}")
    elif kind == "TRANSLATION_LOST_TAG":
        case.lost = [tuple(about.split("="))]
    elif kind == "ENTITY_NOT_FOUND":
        case.evidence = {about: _NOT_FOUND}
    elif kind == "TERM_NOT_RECOGNISED":
        case.terms = {about: False}
    else:
        case.evidence = {about: _MISSING}
        tag_type, value = about.split("=")
        case.reasons = [Reason(code=ReasonCode.REASON_CODE_TAG_MISSING, tag_type=tag_type, value=value)]


def _grades(random: np.random.Generator) -> list[int]:
    return random.choice(5, size=5, p=[0.1, 0.1, 0.2, 0.3, 0.3]).tolist()


def _poor(random: np.random.Generator) -> list[int]:
    return random.choice(3, size=5, p=[0.6, 0.3, 0.1]).tolist()
