"""sq.v1.NerService over the gazetteers of a server."""

from __future__ import annotations

import logging
import threading
import time

import grpc
import regex

from sq.v1.ner_service_pb2 import TaggedText, TagTextsRequest, TagTextsResponse
from sq.v1.ner_service_pb2_grpc import NerServiceServicer
from sq_ner.held import HeldGazetteers, NoGazetteer
from sq_ner.tagger import GazetteerTagger

_LANGUAGE = regex.compile(r"[a-z]{2}")
# Texts between two looks at whether the client still waits.
_PAUSE = 256


class GazetteerServicer(NerServiceServicer):
    """Answers UNAVAILABLE until it is given its gazetteers.

    Attributes:
        calls, texts: answered so far.
    """

    def __init__(self, most_texts: int, log: logging.Logger) -> None:
        self.calls = 0
        self.texts = 0
        self._most_texts = most_texts
        self._log = log
        self._held: HeldGazetteers | None = None
        self._lock = threading.Lock()

    def hold(self, gazetteers: HeldGazetteers) -> None:
        self._held = gazetteers

    def TagTexts(  # noqa: N802, as the contract has it
        self, request: TagTextsRequest, context: grpc.ServicerContext
    ) -> TagTextsResponse:
        begun = time.perf_counter()
        tagger = self._tagger(request, context)
        response = TagTextsResponse(engine=tagger.engine)
        for at in range(0, len(request.texts), _PAUSE):
            if not context.is_active():
                context.abort(grpc.StatusCode.CANCELLED, "the client does not wait any more")
            found = tagger.tag_all(request.texts[at : at + _PAUSE])
            response.texts.extend(TaggedText(tags=tags) for tags in found)
        self._count(len(request.texts))
        milliseconds = round(1000 * (time.perf_counter() - begun), 1)
        self._log.debug("tagged", extra={"peer": context.peer(), "texts": len(request.texts), "ms": milliseconds})
        return response

    def _tagger(self, request: TagTextsRequest, context: grpc.ServicerContext) -> GazetteerTagger:
        if self._held is None:
            context.abort(grpc.StatusCode.UNAVAILABLE, "the gazetteers are being read")
        if not _LANGUAGE.fullmatch(request.language):
            self._refuse(context, grpc.StatusCode.INVALID_ARGUMENT, f"language {request.language!r} is not like 'en'")
        if len(request.texts) > self._most_texts:
            problem = f"{len(request.texts)} texts, and max_texts is {self._most_texts}"
            self._refuse(context, grpc.StatusCode.RESOURCE_EXHAUSTED, problem)
        try:
            return self._held.find(request.language, request.gazetteer_digest)
        except NoGazetteer as error:
            self._refuse(context, grpc.StatusCode.FAILED_PRECONDITION, str(error))

    def _refuse(self, context: grpc.ServicerContext, code: grpc.StatusCode, problem: str) -> None:
        self._log.warning("refused", extra={"peer": context.peer(), "code": code.name, "problem": problem})
        context.abort(code, problem)

    def _count(self, texts: int) -> None:
        with self._lock:
            self.calls += 1
            self.texts += texts
