"""Translation by a model behind the OpenAI API."""

from __future__ import annotations

import json
import logging
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import openai
from openai.types.chat import ChatCompletion

from sq.v1.generate_config_pb2 import OpenAiTranslation
from sq.v1.query_pb2 import (
    QUERY_FAILURE_REASON_BUDGET,
    QUERY_FAILURE_REASON_TRANSLATION_INVALID,
    QUERY_FAILURE_REASON_TRANSLATION_UNAVAILABLE,
)
from sq_generate.translate.answers import Answer, PaidAnswers, Usage, request_key
from sq_generate.translate.budget import Limits
from sq_generate.translate.protect import hide, reveal
from sq_generate.translate.translator import Failed, Outcome, Source, Translation
from sq_stagekit import InputError, TryAgainError
from sq_stagekit.secrets import read_secret
from sq_text import normalise

FIELD = "translation.openai"
BATCH_SIZE = 20
CONCURRENCY = 4
TIMEOUT_SECONDS = 60.0
MAX_RETRIES = 5
# Invalid answers are asked for once more, apart from the others.
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
# Answers that no repetition changes.
_REFUSALS = (
    openai.AuthenticationError,
    openai.PermissionDeniedError,
    openai.NotFoundError,
    openai.BadRequestError,
    openai.UnprocessableEntityError,
)
_BUDGET = Failed(QUERY_FAILURE_REASON_BUDGET, "the budget for translation ended before this query")


@dataclass(frozen=True)
class Surroundings:
    """What the translator needs of its stage.

    Attributes:
        buyer: names the run; answers another run paid for cost this one nothing.
        check_stop: raises after SIGTERM.
        progress: takes (batches begun, batches in all).
    """

    answers: PaidAnswers
    buyer: str
    log: logging.Logger
    check_stop: Callable[[], None]
    progress: Callable[[int, int], None]


@dataclass
class _Batch:
    """Queries asked for with one call, by their place among all; `answer` is None until one came."""

    places: list[int]
    request: dict
    asked: bool = False
    answer: Answer | None = None


class OpenAiTranslator:
    """Sends batches, at most `concurrency` at once; keeps every answer before anything is made of it.

    Calls begin and are settled in a fixed order, whichever answer comes first: so a budget ends at the same query in
    every run.
    """

    translates = True

    def __init__(self, config: OpenAiTranslation, source: str, target: str, surroundings: Surroundings):
        """Raises InputError where the key is missing, or dollars are limited and there is no price."""
        endpoint = config.endpoint
        self._model, self._seed, self._base_url = endpoint.model, endpoint.seed, endpoint.base_url
        self._batch_size = config.batch_size or BATCH_SIZE
        self._concurrency = config.concurrency or CONCURRENCY
        self._limits = Limits.of(config.budget, endpoint.price)
        self._instructions = _INSTRUCTIONS.format(source=source, target=target)
        self._surroundings = surroundings
        self._client = openai.OpenAI(
            api_key=read_secret(endpoint.api_key, f"{FIELD}.endpoint.api_key", "OPENAI_API_KEY"),
            base_url=endpoint.base_url or None,
            timeout=endpoint.timeout_seconds or TIMEOUT_SECONDS,
            max_retries=endpoint.max_retries if endpoint.HasField("max_retries") else MAX_RETRIES,
        )

    def value(self, value: str) -> str:
        return ""

    def translate(self, sources: Sequence[Source]) -> list[Outcome]:
        """Raises InputError where the service refuses the key, the model or the request, TryAgainError where it
        answered no call at all, Stopped after SIGTERM; every answer that came is kept.
        """
        outcomes: dict[int, Outcome] = {}
        spent = Usage()
        places = list(range(len(sources)))
        for attempt in range(1, _ROUNDS + 1):
            batches = list(self._batches(sources, places, attempt))
            spent = self._ask_all(batches, spent)
            asked = [batch for batch in batches if batch.asked]
            if attempt == 1 and asked and not any(batch.answer for batch in asked):
                raise TryAgainError(f"{FIELD}: the translation service answered no call")
            for batch in batches:
                for place, outcome in _outcomes(batch, sources):
                    # What a second call could not mend stays as the first left it.
                    if place not in outcomes or isinstance(outcome, Translation):
                        outcomes[place] = outcome
            places = [place for place in places if _is_invalid(outcomes[place])]
        usd = round(self._limits.usd(spent), 6)
        self._surroundings.log.info("translated", extra={"calls": spent.calls, "usd": usd})
        return [outcomes[place] for place in range(len(sources))]

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
            "model": self._model,
            "messages": [{"role": "system", "content": instructions}, {"role": "user", "content": content}],
            "response_format": _SCHEMA,
        }
        return request | ({"seed": self._seed} if self._seed else {})

    def _ask_all(self, batches: Sequence[_Batch], spent: Usage) -> Usage:
        """Asks for the batches, as far as the budget goes; what has been spent afterwards."""
        under_way: deque[tuple[_Batch, Future[Answer | None]]] = deque()
        with ThreadPoolExecutor(self._concurrency) as pool:
            try:
                for number, batch in enumerate(batches):
                    self._surroundings.check_stop()
                    while under_way and not self._may_begin(spent, len(under_way)):
                        spent += self._settle(*under_way.popleft())
                    if not self._may_begin(spent, 0):
                        break
                    batch.asked = True
                    under_way.append((batch, pool.submit(self._ask, batch.request)))
                    self._surroundings.progress(number, len(batches))
                while under_way:
                    spent += self._settle(*under_way.popleft())
            except BaseException:
                pool.shutdown(cancel_futures=True)
                raise
        return spent

    def _may_begin(self, spent: Usage, under_way: int) -> bool:
        return under_way < self._concurrency and self._limits.allow(spent, under_way)

    def _settle(self, batch: _Batch, call: Future[Answer | None]) -> Usage:
        """Waits for a batch's answer; what it cost this run."""
        batch.answer = call.result()
        paid_here = batch.answer is not None and batch.answer.buyer == self._surroundings.buyer
        return batch.answer.usage if paid_here else Usage()

    def _ask(self, request: dict) -> Answer | None:
        """The answer to a request, kept or bought; None where the service gave none."""
        # The seed as a text: canonical JSON has no whole numbers beyond 2^53.
        key = request_key(request | {"seed": str(self._seed), "base_url": self._base_url})
        kept = self._surroundings.answers.find(key)
        if kept is not None:
            return kept
        try:
            completion = self._client.chat.completions.create(**request)
        except _REFUSALS as error:
            if getattr(error, "code", None) == "content_filter":
                return Answer("", Usage(calls=1), self._surroundings.buyer)
            raise InputError(
                FIELD, f"the service refuses the request: {error}", "correct the key, the model or the base URL"
            ) from error
        except openai.APIError as error:
            self._surroundings.log.warning("no answer from the translation service", extra={"error": str(error)})
            return None
        answer = Answer(_content(completion), _usage(completion), self._surroundings.buyer)
        self._surroundings.answers.keep(key, answer)
        return answer


def _content(completion: ChatCompletion) -> str:
    """What the model wrote to the end; "" where it declined or was cut."""
    choice = completion.choices[0] if completion.choices else None
    return (choice.message.content or "") if choice and choice.finish_reason == "stop" else ""


def _usage(completion: ChatCompletion) -> Usage:
    usage = completion.usage
    if usage is None:
        return Usage(calls=1)
    details = usage.prompt_tokens_details
    cached = (details.cached_tokens or 0) if details else 0
    return Usage(1, usage.prompt_tokens, cached, usage.completion_tokens)


def _outcomes(batch: _Batch, sources: Sequence[Source]) -> Iterator[tuple[int, Outcome]]:
    if batch.answer is None:
        yield from ((place, _UNAVAILABLE if batch.asked else _BUDGET) for place in batch.places)
        return
    texts = _texts(batch.answer.text)
    for number, place in enumerate(batch.places):
        try:
            yield place, _translation(texts.get(number, []), sources[place])
        except ValueError as error:
            yield place, Failed(QUERY_FAILURE_REASON_TRANSLATION_INVALID, str(error))


def _texts(answer: str) -> dict[int, list[str]]:
    """Translations by id; empty where the answer is not of the schema."""
    try:
        items = json.loads(answer)["translations"]
        texts: dict[int, list[str]] = {}
        for item in items:
            texts.setdefault(item["id"], []).append(str(item["text"]))
    except (ValueError, TypeError, KeyError):
        return {}
    return texts


def _translation(texts: Sequence[str], source: Source) -> Translation:
    """Raises ValueError, in words, where the texts given for a query are no translation of it."""
    if len(texts) != 1:
        raise ValueError(f"the answer holds {len(texts)} translations of this query")
    text = normalise(reveal(texts[0], source.text, source.protected))
    if not text:
        raise ValueError("the translation is empty")
    return Translation(text)


def _is_invalid(outcome: Outcome) -> bool:
    return isinstance(outcome, Failed) and outcome.reason == QUERY_FAILURE_REASON_TRANSLATION_INVALID
