"""What shops sell, and what their customers type."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from sq_diagnosis_e2e import catalogue, german, query_log
from sq_diagnosis_e2e.analysis import Lists
from sq_diagnosis_e2e.query_log import QueryLog
from sq_diagnosis_e2e.wording import INTENT, synonym_lines


@dataclass(frozen=True)
class Trade:
    """Attributes:
    fields: mapping of the catalogue's fields, and of the index's.
    make_log: of products, a number of queries and a seed.
    lists: of the sound analyser, spellings apart.
    """

    fields: dict
    products: Sequence[dict]
    make_log: Callable[[Iterable[dict], int, int], QueryLog]
    lists: Lists


def electronics(path: Path) -> Trade:
    """The Chorus products, in English."""
    products = catalogue.read_products(path)
    return Trade(catalogue.FIELDS, products, query_log.make_log, Lists(stop=INTENT, synonyms=synonym_lines()))


def fashion(sample: Path) -> Trade:
    """The sample shop's products, in German."""
    products = german.read_products(sample)
    return Trade(german.FIELDS, products, german.make_log, Lists(compounds=tuple(german.compound_lines())))
