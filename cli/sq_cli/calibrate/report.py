"""The figures of `sq calibrate`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations

from sq_agreement import Agreement, agreement, order_within, tau_of_queries
from sq_cli.calibrate.labels import Grades, Labels

GroupOf = Callable[[tuple[str, str]], str]


@dataclass(frozen=True)
class Part:
    """Agreement over some of the pairs."""

    group: str
    agreement: Agreement


@dataclass(frozen=True)
class Calibration:
    """Attributes:
    pairs: labelled.
    unjudged: pairs that the judge could not judge; they are in no figure.
    judge: the judge against the labels.
    tau_queries, tau_products: Kendall's tau-b of queries by mean grade, and of a query's products; None if undefined.
    by_overlap, by_length: by words of the query in the product's title, and by the length of its text.
    people: each person against the labels.
    between: two people each.
    against_people: the judge against each person.
    """

    scale: str
    pairs: int
    unjudged: int
    judge: Agreement
    tau_queries: float | None
    tau_products: float | None
    by_overlap: list[Part]
    by_length: list[Part]
    people: list[Part]
    between: list[Part]
    against_people: list[Part]


def calibrate(labels: Labels, judged: Grades, overlap_of: GroupOf, length_of: GroupOf) -> Calibration:
    """Compares a judge with labels.

    Args:
        judged: the judge's grades by query key and product id; pairs that it could not judge are missing.
        overlap_of, length_of: the group of a pair.

    Raises:
        ValueError: the judge judged no pair.
    """
    pairs = [pair for pair in labels.grades if pair in judged]
    right, given = [labels.grades[pair] for pair in pairs], [judged[pair] for pair in pairs]
    queries = [query for query, _ in pairs]
    return Calibration(
        scale=labels.scale,
        pairs=len(labels.grades),
        unjudged=len(labels.grades) - len(pairs),
        judge=agreement(right, given, queries),
        tau_queries=tau_of_queries(right, given, queries),
        tau_products=order_within(right, given, queries),
        by_overlap=_parts(labels.grades, judged, pairs, overlap_of),
        by_length=_parts(labels.grades, judged, pairs, length_of),
        people=_between((name, labels.grades, one) for name, one in labels.people.items()),
        between=_between(
            (f"{a} and {b}", labels.people[a], labels.people[b]) for a, b in combinations(labels.people, 2)
        ),
        against_people=_between((name, one, judged) for name, one in labels.people.items()),
    )


def _parts(right: Grades, judged: Grades, pairs: Sequence[tuple[str, str]], group_of: GroupOf) -> list[Part]:
    groups: dict[str, list[tuple[str, str]]] = {}
    for pair in pairs:
        groups.setdefault(group_of(pair), []).append(pair)
    return [Part(group, _over(of, right, judged)) for group, of in sorted(groups.items())]


def _between(raters: Iterable[tuple[str, Grades, Grades]]) -> list[Part]:
    """Two raters each, over the pairs that both have; left out where there are none."""
    parts = []
    for name, right, given in raters:
        pairs = [pair for pair in right if pair in given]
        if pairs:
            parts.append(Part(name, _over(pairs, right, given)))
    return parts


def _over(pairs: Sequence[tuple[str, str]], right: Grades, given: Grades) -> Agreement:
    return agreement([right[pair] for pair in pairs], [given[pair] for pair in pairs], [query for query, _ in pairs])
