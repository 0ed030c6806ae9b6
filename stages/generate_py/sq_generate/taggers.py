"""The taggers of queries: gazetteers in this process, or the configured NER service."""

from __future__ import annotations

from collections.abc import Sequence

from sq.v1.generate_config_pb2 import GenerateConfig
from sq_ner.client import NerConnection
from sq_ner.tagger import GazetteerTagger, Tagger
from sq_stagekit import Work
from sq_text import Entry, gazetteer_engine


class Taggers:
    """Makes taggers, and notes the engine of each in the provenance. The caller closes it."""

    def __init__(self, config: GenerateConfig, work: Work) -> None:
        """Connects to the service, so that one that is unavailable ends the stage at once and not after hours.

        Raises:
            InputError, TryAgainError: see NerConnection.
        """
        self._work = work
        self._service: NerConnection | None = None
        if config.ner_address:
            self._service = NerConnection(config.ner_address, config.ner_options, work.check_stop)

    def of(self, entries: Sequence[Entry], language: str) -> Tagger:
        """A tagger for these entries. A service must have the same entries, or an engine of its own."""
        if self._service is None:
            tagger: Tagger = GazetteerTagger(entries, language)
        else:
            tagger = self._service.tagger(language, gazetteer_engine(entries, language).gazetteer_digest)
        self._work.note_engine(tagger.engine)
        return tagger

    def close(self) -> None:
        if self._service is not None:
            self._service.close()
