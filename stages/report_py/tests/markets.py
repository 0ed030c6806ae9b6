"""A market with one finding of every kind planted in it, and a sound one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from synthetic_case import Case, Probed

from sq.v1.query_pb2 import PROBE_FORM_BLEND, PROBE_FORM_KNOWN_ITEM, PROBE_FORM_REPEAT
from sq.v1.retrieval_pb2 import RetrievalFailureReason

SERVER_ERROR = RetrievalFailureReason.RETRIEVAL_FAILURE_REASON_SERVER_ERROR
# In the order of what they cost.
PLANTED = [
    "MECHANISM/inflection",
    "RETRIEVAL_FAILED/SERVER_ERROR",
    "MECHANISM/accessories",
    "DATA_GAP/COLOUR=navy",
    "UNSEARCHED_FIELD/description",
]


def planted(seed: int = 1) -> list[Case]:
    """All of PLANTED, two queries for what is not sold, and changes that do not help, among sound queries."""
    missed = Probed("unsearched-field", [0], "description", form=PROBE_FORM_KNOWN_ITEM, expected="x")
    return [
        *[_plural(number) for number in range(40)],
        *[
            Case(
                f"error {number}",
                failure=SERVER_ERROR,
                detail="HTTP 500",
            )
            for number in range(12)
        ],
        *[
            Case(f"laptop {number}", [0, 2, 4], probes=[Probed("accessories", [4, 4, 3], item="accessories")])
            for number in range(20)
        ],
        *[Case(f"navy {number}", [4, 4], evidence={"COLOUR=navy": (2, 0, 4, 4)}) for number in range(12)],
        *[Case(f"known {number}", [4], probes=[missed]) for number in range(12)],
        Case("kayak one", [0, 1]),
        Case("kayak two", [0, 0]),
        *healthy(seed),
    ]


def healthy(seed: int = 1, queries: int = 60) -> list[Case]:
    """Changes that help and harm by chance; some of them cannot be measured, and the engine answers alike again."""
    random = np.random.default_rng(seed)
    cases = []
    for number in range(queries):
        case = Case(f"s{number % 6} sound {number}", _grades(random), [4, 4], searches=int(random.integers(5, 15)))
        case.probes = [Probed("operator", _grades(random), item="match all words")]
        if number % 4 == 0:
            again = Probed("repeat", [], form=PROBE_FORM_REPEAT)
            case = replace(case, grades=[4], probes=[again])
        elif number % 4 == 1:
            case.probes = [Probed("spacing", [4], item="tp link → tplink", form=PROBE_FORM_BLEND, scores=[0.0])]
        cases.append(case)
    return cases


def _plural(number: int) -> Case:
    words = ["toners → toner", "routers → router", "cables → cable", "hubs → hub"][number % 4]
    grades = [4, 4] if number % 10 else [0, 1]
    before = [0, 1, 3] if number % 10 else [4, 4]
    return Case(
        f"{words.split()[0]} {number}", before, probes=[Probed("inflection", grades, item=words)], title="Toner"
    )


def _grades(random: np.random.Generator) -> list[int]:
    return random.choice(5, size=5, p=[0.1, 0.1, 0.2, 0.3, 0.3]).tolist()
