"""A configured model: its client, and what each request to it contains."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import openai
from google.protobuf import json_format

from sq.v1.source_pb2 import (
    CALL_MODE_BATCH,
    CALL_MODE_FLEX,
    CALL_MODE_PLAIN,
    CALL_MODE_UNSPECIFIED,
    OUTPUT_LIMIT_FIELD_MAX_COMPLETION_TOKENS,
    OUTPUT_LIMIT_FIELD_MAX_TOKENS,
    OUTPUT_LIMIT_FIELD_NONE,
    OUTPUT_LIMIT_FIELD_UNSPECIFIED,
    STRUCTURED_OUTPUT_JSON_OBJECT,
    STRUCTURED_OUTPUT_JSON_SCHEMA,
    STRUCTURED_OUTPUT_TEXT,
    STRUCTURED_OUTPUT_UNSPECIFIED,
    OpenAiEndpoint,
    Price,
)
from sq_llm.budget import Budget
from sq_llm.limits import Limits
from sq_llm.pace import Pace
from sq_stagekit import InputError
from sq_stagekit.secrets import read_secret

_TIMEOUT_SECONDS = 60.0
# What OpenAI advises for the flex tier.
_FLEX_TIMEOUT_SECONDS = 900.0
_DEFAULT_TIMEOUTS = {"plain": _TIMEOUT_SECONDS, "flex": _FLEX_TIMEOUT_SECONDS, "batch": _TIMEOUT_SECONDS}
_MAX_RETRIES = 5
_MAX_OUTPUT_TOKENS = 4096
_LIMIT_FIELDS = {
    OUTPUT_LIMIT_FIELD_UNSPECIFIED: "max_completion_tokens",
    OUTPUT_LIMIT_FIELD_MAX_COMPLETION_TOKENS: "max_completion_tokens",
    OUTPUT_LIMIT_FIELD_MAX_TOKENS: "max_tokens",
    OUTPUT_LIMIT_FIELD_NONE: "",
}
_STRUCTURES = {
    STRUCTURED_OUTPUT_UNSPECIFIED: "json_schema",
    STRUCTURED_OUTPUT_JSON_SCHEMA: "json_schema",
    STRUCTURED_OUTPUT_JSON_OBJECT: "json_object",
    STRUCTURED_OUTPUT_TEXT: "",
}
_MODES = {
    CALL_MODE_UNSPECIFIED: "plain",
    CALL_MODE_PLAIN: "plain",
    CALL_MODE_FLEX: "flex",
    CALL_MODE_BATCH: "batch",
}
# Fields that sq itself sets.
_OWN = ("model", "messages", "stream", "n", "response_format")


@dataclass(frozen=True)
class BatchSettings:
    """Attributes:
    max_requests, max_bytes: of one batch's file.
    poll_seconds: between two looks at a batch.
    max_wait_seconds: that a stage waits for batches; 0 for no limit.
    """

    max_requests: int = 50_000
    max_bytes: int = 200_000_000
    poll_seconds: float = 30.0
    max_wait_seconds: float = 0.0


@dataclass(frozen=True)
class Form:
    """The structure that an answer has to have: a name and a JSON schema."""

    name: str
    schema: Mapping[str, Any]


class Endpoint:
    """A model behind the OpenAI API.

    Args:
        config: of the model.
        field: path of `config` in the configuration, for errors.

    Attributes:
        mode: plain, flex or batch. It changes how requests are sent, and no request.

    Raises:
        InputError: there is no API key, or `extra` has a field that sq sets.
    """

    def __init__(self, config: OpenAiEndpoint, field: str) -> None:
        self.field = field
        self.model = config.model
        self.max_retries = config.max_retries if config.HasField("max_retries") else _MAX_RETRIES
        self.max_output_tokens = config.max_output_tokens or _MAX_OUTPUT_TOKENS
        self.price = config.price if config.HasField("price") else None
        self.reduced_price = reduced_price(config)
        self.mode = mode_of(config)
        self.batch = _batch_settings(config)
        self.extra = _extra(config, field)
        if self.mode != "plain" and "service_tier" in self.extra:
            raise InputError(f"{field}.extra.service_tier", f"does not go with the mode {self.mode}", "remove it")
        self._config = config
        self._structure = _STRUCTURES[config.structured_output]
        self._key = read_secret(config.api_key, f"{field}.api_key", default_env="OPENAI_API_KEY")

    @property
    def url(self) -> str:
        """The service's base URL, as the client writes it."""
        with openai.OpenAI(api_key=self._key, base_url=self._config.base_url or None) as client:
            return str(client.base_url)

    def budget(self, limits: Limits) -> Budget:
        """A budget that knows what one request to this model may use."""
        # In flex, one call may be repeated in the standard tier. In a batch, what was not answered is no call.
        calls = {"plain": self.max_retries + 1, "flex": self.max_retries + 2, "batch": 1}[self.mode]
        return Budget(limits, calls, self.max_output_tokens, batched=self.mode == "batch")

    def client(self) -> openai.AsyncOpenAI:
        """A client that makes each call once. `PaidModel` decides about retries."""
        return openai.AsyncOpenAI(
            api_key=self._key,
            base_url=self._config.base_url or None,
            timeout=self._config.timeout_seconds or _DEFAULT_TIMEOUTS[self.mode],
            max_retries=0,
            # The default transport searches all its connections for each call, which is slow beyond 100 calls at once.
            http_client=openai.DefaultAioHttpClient(),
        )

    def pace(self, concurrency: int, now: float) -> Pace:
        """The pace of calls within the configured bounds and at most `concurrency` at once."""
        limits = self._config.pace
        return Pace(
            high=concurrency,
            low=limits.min_concurrency,
            requests_per_minute=limits.requests_per_minute,
            tokens_per_minute=limits.tokens_per_minute,
            now=now,
        )

    def without_key(self, text: str) -> str:
        """A text of the service without the key, which some services repeat in their errors."""
        return text.replace(self._key, "(the key)")

    def request(self, instructions: str, document: str | list[dict[str, Any]], form: Form) -> dict[str, Any]:
        """The arguments of a chat completion. They depend on nothing but these texts and the configuration.

        Args:
            document: the user's message, or its parts: texts and pictures of the API.
        """
        config = self._config
        if self._structure != "json_schema":
            instructions += (
                f"\nAnswer with one JSON object of this schema, and nothing else:\n{json.dumps(form.schema)}\n"
            )
        request: dict[str, Any] = {
            "model": config.model,
            "messages": [{"role": "system", "content": instructions}, {"role": "user", "content": document}],
        }
        if self._structure == "json_schema":
            schema = {"name": form.name, "strict": True, "schema": form.schema}
            request["response_format"] = {"type": "json_schema", "json_schema": schema}
        elif self._structure:
            request["response_format"] = {"type": self._structure}
        if limit := _LIMIT_FIELDS[config.output_limit_field]:
            request[limit] = self.max_output_tokens
        if config.HasField("temperature"):
            request["temperature"] = config.temperature
        if config.seed:
            request["seed"] = config.seed
        if config.reasoning_effort:
            request["reasoning_effort"] = config.reasoning_effort
        return request | ({"extra_body": self.extra} if self.extra else {})


def mode_of(config: OpenAiEndpoint) -> str:
    """The mode: plain, flex or batch."""
    return _MODES[config.mode]


def reduced_price(config: OpenAiEndpoint) -> Price | None:
    """The price of calls in the modes flex and batch; None if no price is given."""
    if config.HasField("reduced_price"):
        return config.reduced_price
    if not config.HasField("price"):
        return None
    # Some models have no discount for cached input in a batch: the safe side.
    return Price(input=config.price.input / 2, output=config.price.output / 2)


def _batch_settings(config: OpenAiEndpoint) -> BatchSettings:
    given, default = config.batch, BatchSettings()
    return BatchSettings(
        given.max_requests or default.max_requests,
        given.max_bytes or default.max_bytes,
        given.poll_seconds or default.poll_seconds,
        given.max_wait_seconds,
    )


def _extra(config: OpenAiEndpoint, field: str) -> dict[str, Any]:
    extra = _whole_numbers(json_format.MessageToDict(config.extra))
    for name in _OWN:
        if name in extra:
            raise InputError(f"{field}.extra.{name}", "is a field that sq sets itself", "remove it")
    return extra


def _whole_numbers(value: Any) -> Any:
    """protobuf's Struct has no whole numbers, and services refuse 5.0 where they want 5."""
    if isinstance(value, dict):
        return {name: _whole_numbers(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_whole_numbers(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value
