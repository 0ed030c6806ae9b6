"""The words a customer meant, in the catalogue's spelling: what a judge that compares words holds products against."""

from __future__ import annotations

from collections.abc import Iterator

from sq.v1.query_pb2 import Query
from sq_mechanisms.market import Asked, Market
from sq_mechanisms.mechanism import Mechanism
from sq_mechanisms.modifier import Modifier
from sq_mechanisms.spacing import Spacing
from sq_mechanisms.spelling import Spelling
from sq_mechanisms.vocabulary import Language, Vocabulary

# Each is applied once, in this order. The probes of these mechanisms make the same changes, so a judge that uses the
# meant words cannot hide what they win.
_STEPS: tuple[Mechanism, ...] = (Language(), Vocabulary(), Spelling(), Spacing(), Modifier())


def meant_text(query: Query, market: Market) -> str:
    """The query in words of the catalogue; empty where the text has them already.

    A change counts where products hold the new words more often than the old ones. Nothing is asked of the engine.
    """
    text = query.text
    for mechanism in _STEPS:
        asked = Asked(Query(text=text, language=query.language, tags=query.tags if text == query.text else []))
        text = next(_better(mechanism, asked, market), text)
    return text if text != query.text else ""


def _better(mechanism: Mechanism, asked: Asked, market: Market) -> Iterator[str]:
    for change in mechanism.changes(asked, market):
        if isinstance(mechanism, Modifier) or _support(change.text, market) > _support(asked.text, market):
            yield change.text


def _support(text: str, market: Market) -> int:
    """Products that hold the rarest word of a text."""
    words = Asked(Query(text=text, language=market.language))
    return min((market.catalogue.holding[words.words[place].text] for place in words.content()), default=0)
