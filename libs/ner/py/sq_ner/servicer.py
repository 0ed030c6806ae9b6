"""Implements sq.v1.NerService with gazetteers."""

from __future__ import annotations

import logging
import threading
import time

import grpc
import regex

from sq.v1.ner_service_pb2 import TaggedText, TagTextsRequest, TagTextsResponse
from sq.v1.ner_service_pb2_grpc import NerServiceServicer
from sq_ner.gazetteers import Gazetteers, NoGazetteer
from sq_ner.tagger import GazetteerTagger

_LANGUAGE = regex.compile(r"[a-z]{2}")
# Texts between two checks whether the client is still waiting.
_TEXTS_PER_CHECK = 256


class GazetteerServicer(NerServiceServicer):
    """Answers UNAVAILABLE until it gets its gazetteers.

    Attributes:
        calls, texts: number answered so far.
    """

    def __init__(self, max_texts: int, log: logging.Logger) -> None:
        self.calls = 0
        self.texts = 0
        self._max_texts = max_texts
        self._log = log
        self._gazetteers: Gazetteers | None = None
        self._lock = threading.Lock()

    def use(self, gazetteers: Gazetteers) -> None:
        """Starts to answer calls with these gazetteers."""
        self._gazetteers = gazetteers

    def TagTexts(  # noqa: N802, the name is the contract's
        self, request: TagTextsRequest, context: grpc.ServicerContext
    ) -> TagTextsResponse:
        begun = time.perf_counter()
        tagger = self._tagger(request, context)
        response = TagTextsResponse(engine=tagger.engine)
        for at in range(0, len(request.texts), _TEXTS_PER_CHECK):
            if not context.is_active():
                context.abort(grpc.StatusCode.CANCELLED, "the client cancelled the call")
            found = tagger.tag_all(request.texts[at : at + _TEXTS_PER_CHECK])
            response.texts.extend(TaggedText(tags=tags) for tags in found)
        self._count(len(request.texts))
        milliseconds = round(1000 * (time.perf_counter() - begun), 1)
        self._log.debug("tagged", extra={"peer": context.peer(), "texts": len(request.texts), "ms": milliseconds})
        return response

    def _tagger(self, request: TagTextsRequest, context: grpc.ServicerContext) -> GazetteerTagger:
        if self._gazetteers is None:
            context.abort(grpc.StatusCode.UNAVAILABLE, "the gazetteers are still being loaded")
        if not _LANGUAGE.fullmatch(request.language):
            self._refuse(
                context, grpc.StatusCode.INVALID_ARGUMENT, f"language {request.language!r} is not a code like 'en'"
            )
        if len(request.texts) > self._max_texts:
            problem = f"{len(request.texts)} texts exceed max_texts ({self._max_texts})"
            self._refuse(context, grpc.StatusCode.RESOURCE_EXHAUSTED, problem)
        try:
            return self._gazetteers.find(request.language, request.gazetteer_digest)
        except NoGazetteer as error:
            self._refuse(context, grpc.StatusCode.FAILED_PRECONDITION, str(error))

    def _refuse(self, context: grpc.ServicerContext, code: grpc.StatusCode, problem: str) -> None:
        self._log.warning("refused", extra={"peer": context.peer(), "code": code.name, "problem": problem})
        context.abort(code, problem)

    def _count(self, texts: int) -> None:
        with self._lock:
            self.calls += 1
            self.texts += texts
