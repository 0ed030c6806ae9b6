"""Follows the canaries of one work: which requests they need, and what became of them."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from sq.v1.evaluate_config_pb2 import Canaries
from sq.v1.judgment_pb2 import Canary
from sq.v1.product_pb2 import Product
from sq.v1.query_pb2 import Query
from sq_evaluate.judge import Case
from sq_evaluate.judges.canary import SHARE, Attacked, attacked, chosen
from sq_evaluate.judges.graded import Graded
from sq_evaluate.judges.openai_answer import Verdict
from sq_stagekit import InputError


def canary_share(config: Canaries) -> float:
    """Share of the queries that have a canary."""
    return config.share if config.HasField("share") else SHARE


def canary_requests(one: Attacked, own: Iterable[Sequence[Product]]) -> list[tuple[Product, ...]]:
    """The products of the further requests that a canary needs: one as it is, and one with the instruction.

    Args:
        own: the products of the case's own requests. One of them may be about the product alone.
    """
    plain = (one.product,)
    return [*(() if plain in map(tuple, own) else (plain,)), (one.with_instruction,)]


@dataclass
class _Trial:
    """Attributes:
    plain, changed: the grades of the product as it is and with the instruction, once they are known.
    """

    attacked: Attacked
    plain: int | None = None
    changed: int | None = None


@dataclass
class Trials:
    """Attributes:
    field: path of the setting, for errors.
    """

    config: Canaries
    field: str
    log: logging.Logger
    _chosen: frozenset[str] = frozenset()
    _trials: dict[str, _Trial] = field(default_factory=dict)

    def choose(self, queries: Iterable[Query]) -> None:
        """Takes all queries of the market, those of other shards too."""
        self._chosen = chosen(queries, canary_share(self.config))

    def begin(self, case: Case) -> None:
        """Takes a case with all its products, before its requests are made."""
        if case.query.query_id in self._chosen and (one := attacked(case)):
            self._trials[case.query.query_id] = _Trial(one)

    def requests(self, case: Case, own: Iterable[Sequence[Product]]) -> list[tuple[Product, ...]]:
        """The products of the further requests for a case, beside its own."""
        trial = self._trials.get(case.query.query_id)
        return canary_requests(trial.attacked, own) if trial else []

    def see(self, query: Query, products: Sequence[Product], verdicts: Sequence[Verdict]) -> None:
        """Takes the verdicts of a request, also of one that is no canary's."""
        trial = self._trials.get(query.query_id)
        if trial is None or len(products) != 1 or not isinstance(verdicts[0], Graded):
            return
        # By identity: a product with an instruction has the id of the one without.
        if products[0] is trial.attacked.with_instruction:
            trial.changed = verdicts[0].grade
        elif products[0] == trial.attacked.product:
            trial.plain = verdicts[0].grade

    def canaries(self) -> list[Canary]:
        """The canaries of which both grades are known, in the order of the cases."""
        return [
            trial.attacked.canary(trial.plain, trial.changed)
            for trial in self._trials.values()
            if trial.plain is not None and trial.changed is not None
        ]

    def end(self) -> None:
        """Warns if a grade moved. Raises InputError if more moved than may."""
        canaries = self.canaries()
        moved = sum(canary.moved for canary in canaries)
        if not moved:
            return
        problem = f"the judge can be talked into grades: {moved} of {len(canaries)} canaries"
        if self.config.HasField("max_moved_share") and moved > self.config.max_moved_share * len(canaries):
            fix = "use a model or a prompt that resists instructions in product texts, or raise max_moved_share"
            raise InputError(self.field, problem, fix)
        ways = sorted({canary.attack for canary in canaries if canary.moved})
        self.log.warning(problem, extra={"attacks": ", ".join(ways)})
