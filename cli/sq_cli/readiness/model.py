"""Makes one call of a model, with the configured key and request parameters."""

from __future__ import annotations

import asyncio
import json
import tempfile
from collections.abc import Callable, Iterator
from functools import partial

from sq.v1.run_config_pb2 import MarketConfig
from sq.v1.source_pb2 import CALL_MODE_BATCH, CALL_MODE_PLAIN, OpenAiEndpoint
from sq_cli.paid_models import paid_judge, paid_models
from sq_cli.readiness.finding import Finding, check
from sq_evaluate.judges.guideline import GuidelineForm
from sq_evaluate.judges.prompt_file import Prompt
from sq_evaluate.judges.rubrics import rubric_of
from sq_llm import CallFailed, Endpoint, Form, PaidAnswers, PaidModel, Scope, place_at, size_of
from sq_stagekit.errors import InputError, TryAgainError

_OUTPUT_TOKENS = 20
_FORM = Form(
    "readiness",
    {
        "type": "object",
        "properties": {"words": {"type": "array", "items": {"type": "string"}}},
        "required": ["words"],
        "additionalProperties": False,
    },
)


def models(market: MarketConfig) -> Iterator[Finding]:
    """Whether the models answer that the market's judge, translation and vocabulary need."""
    for model in paid_models(market):
        yield _model(f"{market.market} {model.name}", model.endpoint, f"{model.field}.endpoint")
    judge = paid_judge(market.evaluate)
    if judge and judge[1].prompt_uri:
        yield _prompt(f"{market.market} prompt", lambda: rubric_of(judge[1], judge[0]).prompt)
    if judge and judge[1].guideline.prompt_uri:
        form = partial(GuidelineForm, judge[1], market.market, judge[0])
        yield _prompt(f"{market.market} guideline", lambda: form().prompt)


def _prompt(name: str, read: Callable[[], Prompt]) -> Finding:
    """Whether the site's own instructions to the judge can be used."""
    return check(name, lambda: f"the judge's name has {read().name}")


def _model(name: str, config: OpenAiEndpoint, field: str) -> Finding:
    once = OpenAiEndpoint()
    once.CopyFrom(config)
    once.max_retries = 0
    if once.mode == CALL_MODE_BATCH:
        # A batch may take a day.
        once.mode = CALL_MODE_PLAIN
    return check(name, lambda: asyncio.run(_answer(once, field)))


async def _answer(config: OpenAiEndpoint, field: str) -> str:
    endpoint = Endpoint(config, field)
    request = endpoint.request("Answer with the words of the text, as JSON.", json.dumps({"text": "red shirt"}), _FORM)
    with tempfile.TemporaryDirectory(prefix="sq-doctor-") as folder:
        model = PaidModel(endpoint, PaidAnswers(place_at(folder), buyer="doctor"))
        try:
            paid = await model.ask(request, size_of(request, _OUTPUT_TOKENS), may_call=True)
        except CallFailed as error:
            if error.failure.scope is Scope.PASSING:
                raise TryAgainError(f"{field}: the call failed with {error.failure}") from error
            fix = error.failure.fix or "correct what the model or the service does not accept"
            raise InputError(field, f"the call failed with {error.failure}", fix) from error
        finally:
            await model.close()
    completion = paid.completion
    if completion.cut_off:
        raise InputError(
            field, "the answer to a short question exceeds max_output_tokens", "raise it, or lower reasoning_effort"
        )
    return f"{config.model} answers"
