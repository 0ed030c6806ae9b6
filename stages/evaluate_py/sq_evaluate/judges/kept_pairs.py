"""Verdicts about single pairs that other runs paid for.

Answers are kept by their whole request, which is about several products. If one of these changes, so does the request.
Here each pair has an entry of its own, so a changed product alone is asked about.

Pairs are looked up before requests are packed; the rest is packed in the order of the results. Entries of the same run
are left out: a run that was interrupted packs as it did before, and so finds its answers by their requests.
"""

from __future__ import annotations

import hashlib
import json
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from sq.v1.judgment_pb2 import JudgeFailureReason
from sq_evaluate.judges.asked import Asked
from sq_evaluate.judges.graded import as_kept, from_kept
from sq_evaluate.judges.openai_answer import Ungraded, Verdict
from sq_evaluate.judges.rubric import Rubric
from sq_evaluate.judges.side_loop import SideLoop
from sq_llm import Endpoint, Entries, PaidAnswers

_KIND = "pairs"
# How the products of a request are ordered. A verdict may depend on it.
_ORDER = "shuffled"
# Cases that are looked up at once, and pairs that are stored at once.
_WINDOW, _MOST_UNSTORED = 64, 500
# Cases with the name of each pair.
_Window = list[tuple[Asked, list[str]]]
Ask = Callable[[Iterable[Asked]], Iterator[list[Verdict]]]


@dataclass(frozen=True)
class _Kept:
    """A verdict, and the run that paid for it."""

    run: str
    verdict: Verdict


@dataclass(frozen=True)
class Looked:
    """A case with what is known about it. `kept` has the verdicts of other runs, by the place of the product."""

    case: Asked
    names: Sequence[str]
    kept: Mapping[int, Verdict]

    @property
    def left(self) -> Asked:
        """The case with the products that are to be asked about."""
        products = (product for place, product in enumerate(self.case.products) if place not in self.kept)
        return replace(self.case, products=tuple(products))


class KeptPairs:
    """The kept verdicts of one model with one prompt, its parameters and its packing.

    Args:
        answers: whose place and tally it shares.
        rubric: that the model is asked by.
        packing: products in one request, at most. A verdict may depend on what stands beside the product.
        run: entries of this run are left out; "" for none.
    """

    def __init__(self, answers: PaidAnswers, endpoint: Endpoint, rubric: Rubric, packing: int, run: str) -> None:
        self._run = run
        self._rubric = rubric
        self._place = answers.place
        self._tally = answers.tally
        # A request about one product is kept as such.
        self._on = packing > 1 and answers.place.takes_small_entries
        self._entries = Entries(answers.place, _KIND, _read, answers.tally)
        asked = [endpoint.url, endpoint.request(rubric.prompt.instructions, "", rubric.form), packing, _ORDER]
        self._asked = hashlib.sha256(json.dumps(asked, sort_keys=True, ensure_ascii=False).encode())
        self._unstored: dict[str, Mapping[str, Any]] = {}

    def each(self, cases: Iterable[Asked], ask: Ask) -> Iterator[tuple[Asked, list[Verdict]]]:
        """Each case with the verdicts about all its products, in order.

        Args:
            ask: gets each case with the products alone that are not kept, maybe none, and gives their verdicts.
        """
        waiting: deque[Looked] = deque()

        def left() -> Iterator[Asked]:
            for looked in self._look_up(cases, loop):
                waiting.append(looked)
                yield looked.left

        with SideLoop("kept-pairs", self._place.close) as loop:
            for verdicts in ask(left()):
                looked, following = waiting.popleft(), iter(verdicts)
                places = range(len(looked.case.products))
                all_verdicts = [looked.kept[place] if place in looked.kept else next(following) for place in places]
                self._keep(looked, all_verdicts, loop)
                yield looked.case, all_verdicts
            self._store(loop)

    def look_up(self, cases: Iterable[Asked]) -> Iterator[Looked]:
        """Each case with what is kept about it."""
        with SideLoop("kept-pairs", self._place.close) as loop:
            yield from self._look_up(cases, loop)

    def _look_up(self, cases: Iterable[Asked], loop: SideLoop) -> Iterator[Looked]:
        """One window of cases is looked up while another is worked on."""
        if not self._on:
            yield from (Looked(case, (), {}) for case in cases)
            return
        coming, ahead = iter(cases), deque[tuple[_Window, Future[dict[str, _Kept]]]]()
        while True:
            window = [(case, self._names(case)) for case in islice(coming, _WINDOW)]
            if window:
                names = list(dict.fromkeys(name for _, of_case in window for name in of_case))
                ahead.append((window, loop.submit(self._entries.get, names)))
            if not ahead:
                return
            if len(ahead) > 1 or not window:
                ready, found = ahead.popleft()
                yield from self._looked(ready, found.result())

    def _looked(self, window: _Window, found: Mapping[str, _Kept]) -> Iterator[Looked]:
        for case, names in window:
            kept = {
                place: found[name].verdict
                for place, name in enumerate(names)
                if name in found and (not self._run or found[name].run != self._run)
            }
            self._tally.add(_KIND, "others", len(kept))
            yield Looked(case, names, kept)

    def _keep(self, looked: Looked, verdicts: Sequence[Verdict], loop: SideLoop) -> None:
        for place, name in enumerate(looked.names):
            verdict = verdicts[place]
            if place not in looked.kept and not (isinstance(verdict, Ungraded) and verdict.asked_again):
                self._unstored[name] = {"run": self._run, "verdict": _written(verdict)}
        if len(self._unstored) >= _MOST_UNSTORED:
            self._store(loop)

    def _store(self, loop: SideLoop) -> None:
        """What is lost before is stored by the next attempt, which finds the answers by their requests."""
        unstored, self._unstored = self._unstored, {}
        if unstored:
            loop.submit(self._entries.put, unstored).result()

    def _names(self, case: Asked) -> list[str]:
        return [self._name(replace(case, products=(product,))) for product in case.products]

    def _name(self, pair: Asked) -> str:
        digest = self._asked.copy()
        digest.update(self._rubric.key(pair).encode())
        return f"{_KIND}/{digest.hexdigest()}"


def _written(verdict: Verdict) -> dict[str, Any]:
    if isinstance(verdict, Ungraded):
        return {"reason": JudgeFailureReason.Name(verdict.reason), "detail": verdict.detail}
    return as_kept(verdict)


def _read(body: Mapping[str, Any]) -> _Kept:
    run, verdict = body["run"], body["verdict"]
    if not isinstance(run, str) or not isinstance(verdict, dict):
        raise TypeError("not a verdict of a run")
    if "reason" in verdict:
        return _Kept(run, Ungraded(JudgeFailureReason.Value(verdict["reason"]), str(verdict["detail"])))
    return _Kept(run, from_kept(verdict))
