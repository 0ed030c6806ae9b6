"""Translates with a model behind the OpenAI API."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sq.v1.generate_config_pb2 import OpenAiTranslation
from sq.v1.query_pb2 import (
    QUERY_FAILURE_REASON_BUDGET,
    QUERY_FAILURE_REASON_TRANSLATION_INVALID,
    QUERY_FAILURE_REASON_TRANSLATION_UNAVAILABLE,
)
from sq_generate.translate import openai_request
from sq_generate.translate.translator import Failed, Outcome, Source, Translation
from sq_llm import (
    Budget,
    CallFailed,
    Endpoint,
    Failure,
    Limits,
    PaidAnswers,
    PaidModel,
    Scope,
    Size,
    Usage,
    size_of,
)

FIELD = "translation.openai"
BATCH_SIZE = 20
CONCURRENCY = 4
_OUTPUT_TOKENS_PER_QUERY = 40
# Queries with an invalid answer are asked once more, in smaller batches.
_ROUNDS = 2
_BUDGET = Failed(QUERY_FAILURE_REASON_BUDGET, "the budget for translation was used up before this query")


@dataclass(frozen=True)
class Surroundings:
    """What the translator needs from its stage.

    Attributes:
        check_stop: raises Stopped after SIGTERM.
        progress: takes (answered batches, all batches).
        spend: takes the budget, so that the stage shows what is spent.
    """

    answers: PaidAnswers
    check_stop: Callable[[], None]
    progress: Callable[[int, int], None]
    spend: Callable[[Budget], None]


@dataclass(frozen=True)
class _Batch:
    """The queries of one call, by their index among all queries."""

    places: list[int]
    request: dict[str, Any]
    size: Size


@dataclass(frozen=True)
class _Answer:
    """The result of a batch: the text of the answer, or the reason why all its queries failed."""

    text: str = ""
    cut_off: bool = False
    failed: Failed | None = None
    used: Usage = Usage()


class OpenAiTranslator:
    """Sends several batches at once, and stores every answer before it is used."""

    translates = True

    def __init__(self, config: OpenAiTranslation, source: str, target: str, surroundings: Surroundings):
        """Raises InputError if the key is missing, or if the budget is in dollars and there is no price."""
        self._languages = source, target
        self._batch_size = config.batch_size or BATCH_SIZE
        self._surroundings = surroundings
        self._endpoint = Endpoint(config.endpoint, f"{FIELD}.endpoint")
        prices = {"price": self._endpoint.price, "reduced_price": self._endpoint.reduced_price}
        budget = self._endpoint.budget(Limits.of(config.budget, field=f"{FIELD}.budget", **prices))
        surroundings.spend(budget)
        concurrency = config.concurrency or CONCURRENCY
        self._model = PaidModel(self._endpoint, surroundings.answers, concurrency=concurrency)
        self._calls = self._model.calls(budget, concurrency, surroundings.check_stop)

    def value(self, value: str) -> str:
        return ""

    def translate(self, sources: Sequence[Source]) -> list[Outcome]:
        """One outcome for each source, in order. Every answer is kept, also if this raises.

        Raises:
            InputError: the service refuses the key, the model or the request.
            TryAgainError: the service answered no call.
            Stopped: SIGTERM came.
        """
        outcomes: dict[int, Outcome] = {}
        places, size, attempt = list(range(len(sources))), self._batch_size, 1
        while places:
            answered = self._answers(list(self._batches(sources, places, size, attempt)))
            for batch, answer in answered:
                for place, outcome in _outcomes(batch, answer, sources):
                    # If a later call fails as well, the first failure stays.
                    if place not in outcomes or isinstance(outcome, Translation):
                        outcomes[place] = outcome
            places = [place for place in places if _is_invalid(outcomes[place])]
            if attempt >= _ROUNDS and (size == 1 or not any(answer.cut_off for _, answer in answered)):
                break
            size, attempt = (size + 1) // 2, attempt + 1
        self._model.health.check()
        return [outcomes[place] for place in range(len(sources))]

    def _answers(self, batches: Sequence[_Batch]) -> list[tuple[_Batch, _Answer]]:
        answered = []
        for batch, answer in self._calls.each(batches, self._answer):
            answered.append((batch, answer))
            self._surroundings.progress(len(answered), len(batches))
        return answered

    def _batches(self, sources: Sequence[Source], places: list[int], size: int, attempt: int) -> Iterator[_Batch]:
        told = openai_request.instructions(*self._languages, attempt)
        for first in range(0, len(places), size):
            batch = places[first : first + size]
            document = openai_request.document([sources[place] for place in batch])
            request = self._endpoint.request(told, document, openai_request.FORM)
            yield _Batch(batch, request, size_of(request, _OUTPUT_TOKENS_PER_QUERY * len(batch)))

    async def _answer(self, batch: _Batch, may_call: bool) -> _Answer:
        try:
            paid = await self._model.ask(batch.request, batch.size, may_call=may_call)
        except CallFailed as error:
            return _Answer(failed=_failed(error.failure), used=error.used)
        if paid is None:
            return _Answer(failed=_BUDGET)
        completion = paid.completion
        return _Answer("" if completion.refused else completion.content, completion.cut_off, used=paid.used)


def _failed(failure: Failure) -> Failed:
    if failure.scope is Scope.PASSING:
        return Failed(QUERY_FAILURE_REASON_TRANSLATION_UNAVAILABLE, f"the service gave no answer: {failure}")
    return Failed(QUERY_FAILURE_REASON_TRANSLATION_INVALID, f"the service refused the call: {failure}")


def _outcomes(batch: _Batch, answer: _Answer, sources: Sequence[Source]) -> Iterator[tuple[int, Outcome]]:
    if answer.failed:
        return ((place, answer.failed) for place in batch.places)
    return zip(batch.places, openai_request.outcomes(answer.text, [sources[p] for p in batch.places]), strict=True)


def _is_invalid(outcome: Outcome) -> bool:
    return isinstance(outcome, Failed) and outcome.reason == QUERY_FAILURE_REASON_TRANSLATION_INVALID
