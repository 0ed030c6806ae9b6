"""One query of a synthetic market: what the engine found, what the judge said, and what was tried."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

from sq.v1.judgment_pb2 import Reason
from sq.v1.query_pb2 import PROBE_FORM_REPEAT, PROBE_FORM_REPLACE, Band, Probe, ProbeForm, Query
from sq.v1.tag_pb2 import Tag


@dataclass(frozen=True)
class Probed:
    """A change to a query, and the grades of what it finds by rank; the products are new ones.

    Attributes:
        fails: the engine does not answer; there are no grades then.
        expected: product id that a search for a known item has to find.
    """

    mechanism: str
    grades: Sequence[int]
    item: str = "a → b"
    rule: int = 0
    form: ProbeForm = PROBE_FORM_REPLACE
    scores: Sequence[float] = ()
    fails: bool = False
    expected: str = ""


@dataclass
class Case:
    """One query of a synthetic market.

    Attributes:
        grades: of the results by rank; None for one that the judge failed on.
        pool: grades of known matches that were not returned.
        failure: reason of a failed retrieval, instead of results.
        lost: (type, value) of tags that translation lost.
        terms: uncovered terms, and whether a result holds them.
        evidence: by tag "TYPE=value", (matching, differing, missing, conflicting).
        reasons: of every judgment below grade 4; off topic where empty.
        probes: of the query, in the order of their numbers.
        represents, draws, certain: as in Query.
        detail: of the failure.
    """

    text: str
    grades: Sequence[int | None] = ()
    pool: Sequence[int] = ()
    failure: int = 0
    lost: Sequence[tuple[str, str]] = ()
    terms: dict[str, bool] = field(default_factory=dict)
    evidence: dict[str, tuple[int, int, int, int]] = field(default_factory=dict)
    reasons: Sequence[Reason] = ()
    segment: str = ""
    searches: int = 10
    translated: bool = False
    title: str = "Product"
    image: str = ""
    probes: Sequence[Probed] = ()
    meant_text: str = ""
    represents: float = 0.0
    draws: int = 0
    certain: bool = False
    detail: str = ""

    @cached_property
    def query_id(self) -> str:
        return "q" + hashlib.sha256(self.text.encode()).hexdigest()[:16]

    def product_ids(self) -> list[str]:
        return [f"{self.query_id}-r{rank}" for rank in range(1, len(self.grades) + 1)]

    def pool_ids(self) -> list[str]:
        return [f"{self.query_id}-p{number}" for number in range(1, len(self.pool) + 1)]

    def probe_ids(self, number: int) -> list[str]:
        """Ids of the products that a probe finds; those of the query where it is asked again and nothing is said."""
        if self.probes[number].form == PROBE_FORM_REPEAT and not self.probes[number].grades:
            return self.product_ids()
        return [f"{self.query_id}-c{number}-{rank}" for rank in range(1, len(self.probes[number].grades) + 1)]

    def probe_queries(self) -> list[Query]:
        return [
            Query(
                query_id=f"p{number}{self.query_id}",
                segment_id=self.segment or self.text.split()[0],
                source_text=self.text,
                text=f"{self.text} changed",
                language="en",
                band=Band.BAND_HEAD,
                probe=Probe(
                    probe_of=self.query_id,
                    mechanism=probe.mechanism,
                    item=probe.item,
                    rule=probe.rule,
                    change=probe.item,
                    form=probe.form,
                    expected_product_id=probe.expected,
                ),
            )
            for number, probe in enumerate(self.probes)
        ]

    def tags(self) -> list[Tag]:
        tags = [name.split("=") for name in self.evidence] + [list(tag) for tag in self.lost]
        return [
            Tag(type=tag_type, value=value, surface=value, start=start, end=start + 1)
            for start, (tag_type, value) in enumerate(tags)
        ]
