"""Translates with a model behind the OpenAI API."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import openai

from sq.v1.generate_config_pb2 import OpenAiTranslation
from sq.v1.query_pb2 import (
    QUERY_FAILURE_REASON_BUDGET,
    QUERY_FAILURE_REASON_TRANSLATION_INVALID,
    QUERY_FAILURE_REASON_TRANSLATION_UNAVAILABLE,
)
from sq_generate.translate.protect import hide, reveal
from sq_generate.translate.translator import Failed, Outcome, Source, Translation
from sq_llm import (
    Budget,
    Calls,
    Limits,
    MalformedCompletionError,
    PaidAnswers,
    PaidModel,
    Usage,
    connect,
    estimate,
)
from sq_stagekit import InputError, TryAgainError
from sq_text import normalise

FIELD = "translation.openai"
BATCH_SIZE = 20
CONCURRENCY = 4
# For the estimate that a call reserves in the budget until its usage is known.
_OUTPUT_TOKENS_PER_QUERY = 40
# Queries with an invalid answer are asked once more, in batches of their own.
_ROUNDS = 2

_INSTRUCTIONS = """You translate search queries of an online shop from language "{source}" to language "{target}" \
(ISO 639-1 codes). Write what a customer of that country would type into the search field for the same wish: search \
words, not a sentence, lower case, nothing added and nothing explained. Keep every placeholder such as [[0]] exactly \
once where it belongs; it stands for a brand or a model. Answer with one translation for each id."""

_SCHEMA = {
    "type": "json_schema",
    "json_schema": {
        "name": "translations",
        "strict": True,
        "schema": {
            "type": "object",
            "properties": {
                "translations": {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "properties": {"id": {"type": "integer"}, "text": {"type": "string"}},
                        "required": ["id", "text"],
                        "additionalProperties": False,
                    },
                }
            },
            "required": ["translations"],
            "additionalProperties": False,
        },
    },
}

_UNAVAILABLE = Failed(QUERY_FAILURE_REASON_TRANSLATION_UNAVAILABLE, "the translation service gave no answer")
# Errors that a repetition does not change.
_REFUSALS = (
    openai.AuthenticationError,
    openai.PermissionDeniedError,
    openai.NotFoundError,
    openai.BadRequestError,
    openai.UnprocessableEntityError,
)
_BUDGET = Failed(QUERY_FAILURE_REASON_BUDGET, "the budget for translation was used up before this query")


@dataclass(frozen=True)
class Surroundings:
    """What the translator needs from its stage.

    Attributes:
        check_stop: raises Stopped after SIGTERM.
        progress: takes (answered batches, all batches).
    """

    answers: PaidAnswers
    log: logging.Logger
    check_stop: Callable[[], None]
    progress: Callable[[int, int], None]


@dataclass(frozen=True)
class _Batch:
    """The queries of one call, by their index among all queries."""

    places: list[int]
    request: dict

    @property
    def estimate(self) -> Usage:
        text = json.dumps(self.request, ensure_ascii=False).encode()
        return estimate(text, _OUTPUT_TOKENS_PER_QUERY * len(self.places))


@dataclass(frozen=True)
class _Answer:
    """The result of a batch: the text of the answer, or the reason why all its queries failed."""

    text: str = ""
    failure: Failed | None = None
    used: Usage = Usage()


class OpenAiTranslator:
    """Sends several batches at once, and stores every answer before it is used."""

    translates = True

    def __init__(self, config: OpenAiTranslation, source: str, target: str, surroundings: Surroundings):
        """Raises InputError if the key is missing, or if the budget is in dollars and there is no price."""
        endpoint = config.endpoint
        self._model_name, self._seed = endpoint.model, endpoint.seed
        self._batch_size = config.batch_size or BATCH_SIZE
        self._instructions = _INSTRUCTIONS.format(source=source, target=target)
        self._surroundings = surroundings
        self._budget = Budget(Limits.of(config.budget, endpoint.price, field=f"{FIELD}.budget"))
        self._calls = Calls(self._budget, config.concurrency or CONCURRENCY, surroundings.check_stop)
        self._model = PaidModel(connect(endpoint, f"{FIELD}.endpoint"), surroundings.answers)

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
        places = list(range(len(sources)))
        for attempt in range(1, _ROUNDS + 1):
            answered = self._answers(list(self._batches(sources, places, attempt)))
            failures = [answer.failure for _, answer in answered]
            if attempt == 1 and _UNAVAILABLE in failures and all(failures):
                raise TryAgainError(f"{FIELD}: the translation service answered no call")
            for batch, answer in answered:
                for place, outcome in _outcomes(batch, answer, sources):
                    # If the second call fails as well, the first failure stays.
                    if place not in outcomes or isinstance(outcome, Translation):
                        outcomes[place] = outcome
            places = [place for place in places if _is_invalid(outcomes[place])]
        usage = {"calls": self._budget.spent.calls, "usd": round(self._budget.usd, 6)}
        self._surroundings.log.info("translated", extra=usage)
        return [outcomes[place] for place in range(len(sources))]

    def _answers(self, batches: Sequence[_Batch]) -> list[tuple[_Batch, _Answer]]:
        answered = []
        for pair in self._calls.each(batches, self._answer):
            answered.append(pair)
            self._surroundings.progress(len(answered), len(batches))
        return answered

    def _batches(self, sources: Sequence[Source], places: list[int], attempt: int) -> Iterator[_Batch]:
        for first in range(0, len(places), self._batch_size):
            batch = places[first : first + self._batch_size]
            yield _Batch(batch, self._request([sources[place] for place in batch], attempt))

    def _request(self, sources: Sequence[Source], attempt: int) -> dict:
        queries = [{"id": i, "text": hide(source.text, source.protected)} for i, source in enumerate(sources)]
        content = json.dumps({"queries": queries}, ensure_ascii=False)
        instructions = self._instructions
        if attempt > 1:
            instructions += " An earlier answer lost an id or a placeholder: check both."
        request = {
            "model": self._model_name,
            "messages": [{"role": "system", "content": instructions}, {"role": "user", "content": content}],
            "response_format": _SCHEMA,
        }
        return request | ({"seed": self._seed} if self._seed else {})

    def _answer(self, batch: _Batch, may_call: bool) -> _Answer:
        try:
            paid = self._model.ask(batch.request, may_call=may_call)
        except _REFUSALS as error:
            if getattr(error, "code", None) == "content_filter":
                return _Answer(used=Usage(calls=1))
            raise InputError(
                FIELD,
                f"the service refuses the request: {error}",
                "correct the key, the model or the base URL",
            ) from error
        except (openai.APIError, MalformedCompletionError) as error:
            self._surroundings.log.warning("no answer from the translation service", extra={"error": str(error)})
            return _Answer(failure=_UNAVAILABLE, used=Usage(calls=1))
        if paid is None:
            return _Answer(failure=_BUDGET)
        # An answer that was refused or cut off is not a translation.
        whole = paid.completion.finish_reason == "stop" and not paid.completion.refused
        return _Answer(text=paid.completion.content if whole else "", used=paid.used)


def _outcomes(batch: _Batch, answer: _Answer, sources: Sequence[Source]) -> Iterator[tuple[int, Outcome]]:
    if answer.failure:
        yield from ((place, answer.failure) for place in batch.places)
        return
    texts = _texts(answer.text)
    for number, place in enumerate(batch.places):
        try:
            yield place, _translation(texts.get(number, []), sources[place])
        except ValueError as error:
            yield place, Failed(QUERY_FAILURE_REASON_TRANSLATION_INVALID, str(error))


def _texts(answer: str) -> dict[int, list[str]]:
    """Translations by id. An answer that does not match the schema gives none."""
    try:
        items = json.loads(answer)["translations"]
        texts: dict[int, list[str]] = {}
        for item in items:
            texts.setdefault(item["id"], []).append(str(item["text"]))
    except (ValueError, TypeError, KeyError):
        return {}
    return texts


def _translation(texts: Sequence[str], source: Source) -> Translation:
    """The translation of a query. Raises ValueError with the reason if the texts are not one."""
    if len(texts) != 1:
        raise ValueError(f"the answer contains {len(texts)} translations of this query")
    text = normalise(reveal(texts[0], source.text, source.protected))
    if not text:
        raise ValueError("the translation is empty")
    return Translation(text)


def _is_invalid(outcome: Outcome) -> bool:
    return isinstance(outcome, Failed) and outcome.reason == QUERY_FAILURE_REASON_TRANSLATION_INVALID
