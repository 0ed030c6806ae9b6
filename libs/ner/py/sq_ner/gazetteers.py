"""The gazetteers of a server, by digest."""

from __future__ import annotations

from collections.abc import Iterable

from sq_ner.tagger import GazetteerTagger


class NoGazetteer(LookupError):
    """No gazetteer fits a request."""


class Gazetteers:
    """Gazetteers by digest; equal ones are stored once. Immutable; threads may share it."""

    def __init__(self, taggers: Iterable[GazetteerTagger]) -> None:
        self._by_digest = {tagger.engine.gazetteer_digest: tagger for tagger in taggers}

    def find(self, language: str, digest: str) -> GazetteerTagger:
        """The gazetteer with this digest. Without a digest, the only gazetteer of the language.

        Raises:
            NoGazetteer: there is none, or the digest is empty and the language has several.
        """
        of_language = [tagger for tagger in self._by_digest.values() if tagger.engine.language == language]
        available = ", ".join(tagger.engine.gazetteer_digest for tagger in of_language) or "none"
        if not digest:
            if len(of_language) == 1:
                return of_language[0]
            raise NoGazetteer(f"set gazetteer_digest; gazetteers for {language!r}: {available}")
        tagger = self._by_digest.get(digest)
        if tagger is None or tagger.engine.language != language:
            raise NoGazetteer(f"gazetteer {digest} for {language!r} is not available; available: {available}")
        return tagger
