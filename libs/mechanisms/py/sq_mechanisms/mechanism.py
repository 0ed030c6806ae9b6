"""What a mechanism of failure is: which queries it can concern, what to change, and what a repair looks like."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from sq.v1.query_pb2 import ProbeForm, RequestOverride
from sq.v1.report_pb2 import Suggestion
from sq_mechanisms.market import Asked, Market


@dataclass(frozen=True)
class Change:
    """One change to one query.

    Attributes:
        item: what a repair would name, such as "toners → toner". Queries of one item are repaired together.
        words: the change as people read it.
        text: the changed query; the query's own text where only the request changes.
        rule: number of the change among those tried for the item, from 0.
        request: applied to the request besides the text.
    """

    item: str
    words: str
    text: str
    rule: int = 0
    request: RequestOverride = field(default_factory=RequestOverride)


class Mechanism(ABC):
    """One way in which a search engine misses products, as something to try.

    A shop adds its own: a class in a file of its own, and its name in `registry.py`.

    Attributes:
        name: stands in probes, configuration and class ids.
        title: the finding, as a clause that a product manager understands.
        repair: what to do, in a few words that begin with a verb.
        form: how the probe's results and the query's are put together.
        literature: where the change is described.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    repair: ClassVar[str]
    form: ClassVar[ProbeForm]
    literature: ClassVar[str]
    # A blend counts only where the probe finds more than this many times the query's hits.
    more_hits: ClassVar[float] = 0
    # The repair is a list of items or settings, from which harmful ones can be left out.
    listed: ClassVar[bool] = False
    # A judge that compares words cannot see the effect unless it is told which words were meant.
    needs_meaning: ClassVar[bool] = False

    @abstractmethod
    def changes(self, asked: Asked, market: Market) -> Iterable[Change]:
        """The changes to try for a query; none where the mechanism cannot concern it.

        Decides from words, catalogue, log and the engine's answers alone, never from grades: the effect of the change
        is measured over all queries that get one.
        """

    @abstractmethod
    def suggestions(self, items: Sequence[str], language: str) -> list[Suggestion]:
        """The repair, ready to paste, one text for each kind of engine.

        Args:
            items: what the repair names; for a list of words, the changes chosen for them, such as "notebook → laptop".
            language: ISO 639-1 code.
        """


def replace_words(asked: Asked, new: dict[int, str]) -> str:
    """The query with some of its words replaced; an empty text drops the word. Keys are places in `asked.words`."""
    parts: list[str] = []
    at = 0
    for place, word in enumerate(asked.words):
        if place in new:
            parts += [asked.text[at : word.start], new[place]]
            at = word.end
    return " ".join("".join([*parts, asked.text[at:]]).split())
