"""What a failed call of a model means for the calls that follow: one policy for judges and translators."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import openai

from sq_llm.usage import Usage

_MOST_CHARACTERS = 300
# Request timeout, conflict, too early, too many requests: the same request may succeed later.
_PASSING = frozenset({408, 409, 425, 429})
_SERVER_ERROR = 500
_BAD_REQUEST, _PAYMENT, _TOO_LARGE, _UNPROCESSABLE = 400, 402, 413, 422
# Codes of services that are out of money. They come with status 429, but waiting does not help.
_NO_MONEY = frozenset(
    {"insufficient_quota", "billing_hard_limit_reached", "billing_not_active", "insufficient_balance"}
)
_FILTERED = frozenset({"content_filter", "content_policy_violation", "responsibleaipolicyviolation"})
_TOO_LONG = frozenset({"context_length_exceeded", "string_above_max_length"})
# OpenAI answers 429 Resource Unavailable, Groq 498 capacity_exceeded.
_NO_ROOM_STATUSES = frozenset({429, 498})
_NO_ROOM = ("resource unavailable", "capacity exceeded")
# Fields of a request, with the setting of the endpoint that leaves each out.
_SETTINGS = {
    "temperature": "leave out {field}.temperature",
    "seed": "leave out {field}.seed",
    "reasoning_effort": "leave out {field}.reasoning_effort, or give a value that the model has",
    "service_tier": "leave out {field}.mode, or choose a model that has the flex tier",
    "response_format": "set {field}.structured_output to STRUCTURED_OUTPUT_JSON_OBJECT or STRUCTURED_OUTPUT_TEXT",
    "max_completion_tokens": (
        "lower {field}.max_output_tokens, or set {field}.output_limit_field to OUTPUT_LIMIT_FIELD_MAX_TOKENS"
    ),
    "max_tokens": (
        "lower {field}.max_output_tokens, or set {field}.output_limit_field to OUTPUT_LIMIT_FIELD_MAX_COMPLETION_TOKENS"
    ),
}

# Errors of the HTTP client before anything was sent, by their names: each transport has classes of its own.
_UNSENT = frozenset({"ConnectError", "ConnectTimeout", "PoolTimeout"})


class Scope(enum.Enum):
    """Which calls a failure concerns."""

    ALL = "every call fails in the same way, now and later"
    CALL = "this call fails whenever it is made; others may succeed"
    PASSING = "the same call may succeed later"


@dataclass(frozen=True)
class Failure:
    """A failed call.

    Attributes:
        status: of HTTP, or 0 if there was no answer.
        code: of the service, or "".
        message: of the service or the client, shortened.
        setting: the endpoint's setting at fault, as a path below it such as "api_key"; "" if none is.
        fix: what to do, where something can be done.
        refused: the service declined to answer because of the content.
    """

    scope: Scope
    status: int = 0
    code: str = ""
    message: str = ""
    setting: str = ""
    fix: str = ""
    refused: bool = False

    def __str__(self) -> str:
        """Such as "status 429 (insufficient_quota): You exceeded your current quota"."""
        where = f"status {self.status}" if self.status else ""
        where += f" ({self.code})" if self.code else ""
        return ": ".join(part for part in (where.strip(), self.message) if part)


class CallFailed(Exception):
    """A call gave no answer. `used` is what its attempts used."""

    def __init__(self, failure: Failure, used: Usage) -> None:
        super().__init__(str(failure))
        self.failure = failure
        self.used = used


class MalformedCompletionError(Exception):
    """The service's answer is no chat completion.

    Attributes:
        body: the answer as far as it could be read: a mapping, or a text.
    """

    def __init__(self, body: object) -> None:
        super().__init__("the answer is not a chat completion")
        self.body = body


def classify(error: Exception, field: str, extra: Mapping[str, Any] | None = None) -> Failure:
    """What an error of the client means.

    Args:
        error: an openai.APIError or a MalformedCompletionError.
        field: path of the endpoint in the configuration.
        extra: further fields of each request that the configuration gives.
    """
    if is_unsent(error):
        return Failure(Scope.PASSING, message=f"no connection: {_short(str(error.__cause__ or error))}")
    match error:
        case openai.APITimeoutError():
            return Failure(Scope.PASSING, message="timeout")
        case openai.APIStatusError():
            body = error.body if isinstance(error.body, Mapping) else {}
            named = str(body.get("param") or error.param or "")
            return _of_status(error.status_code, _code(error.code), _short(error.message), named, _Told(field, extra))
        case MalformedCompletionError():
            return _malformed(error, field)
        case openai.APIConnectionError():
            return Failure(Scope.PASSING, message=f"no connection: {_short(str(error.__cause__ or error))}")
    return Failure(Scope.PASSING, message=_short(str(error)))


def is_unsent(error: Exception) -> bool:
    """Whether the request of a failed call never left: then nobody can have charged for it.

    The client calls a refused connection a time-out, too, so the causes are looked at.
    """
    cause: BaseException | None = error
    while cause is not None:
        if type(cause).__name__ in _UNSENT:
            return True
        cause = cause.__cause__
    return False


def classify_line(status: int, error: Mapping[str, Any], field: str, extra: Mapping[str, Any] | None) -> Failure:
    """What the error of one line of a batch means, or that of a whole batch (status 400).

    Args:
        status: of HTTP.
        error: with message, and code and param where the service gives them.
    """
    message, named = _short(str(error.get("message") or "")), str(error.get("param") or "")
    return _of_status(status, _code(error.get("code")), message, named, _Told(field, extra))


def has_no_room(error: Exception) -> bool:
    """Whether a service refused a call because its flex tier has no room now. Such a call costs nothing."""
    if not isinstance(error, openai.APIStatusError) or error.status_code not in _NO_ROOM_STATUSES:
        return False
    body = error.body if isinstance(error.body, Mapping) else {}
    told = f"{_code(error.code)} {_code(body.get('type'))} {error.message}".lower().replace("_", " ")
    return any(words in told for words in _NO_ROOM)


@dataclass(frozen=True)
class _Told:
    """What the configuration told the client to send."""

    field: str
    extra: Mapping[str, Any] | None


def _of_status(status: int, code: str, message: str, named: str, told: _Told) -> Failure:
    def failure(scope: Scope, setting: str = "", fix: str = "", refused: bool = False) -> Failure:
        return Failure(scope, status, code, message, setting, fix, refused)

    if code.lower() in _NO_MONEY or status == _PAYMENT:
        return failure(Scope.ALL, "", "add credit to the account of the key, or use another key")
    if status in _PASSING or status >= _SERVER_ERROR:
        return failure(Scope.PASSING)
    if status in (401, 403):
        return failure(Scope.ALL, "api_key", "give a key that may use this model")
    if code.lower() in _FILTERED:
        return failure(Scope.CALL, refused=True)
    if code in _TOO_LONG or status == _TOO_LARGE:
        return failure(Scope.CALL, "", "set a smaller batch_size")
    if status in (_BAD_REQUEST, _UNPROCESSABLE):
        fix = _refused_field(message, named, told)
        return failure(Scope.ALL, "", fix) if fix else failure(Scope.CALL)
    return failure(Scope.ALL, "", "correct model or base_url")


def _refused_field(message: str, named: str, told: _Told) -> str:
    """How to leave out the field that the service refuses; "" if it names none."""
    for name in told.extra or {}:
        if named.split(".")[0] == name or (not named and name in message):
            return f"remove {name} from {told.field}.extra"
    for name, fix in _SETTINGS.items():
        if named == name or (not named and name in message):
            return fix.format(field=told.field)
    return "correct model" if named == "model" else ""


def _malformed(error: MalformedCompletionError, field: str) -> Failure:
    """Some gateways answer 200 and put the error of the service behind them into the body."""
    upstream = error.body.get("error") if isinstance(error.body, Mapping) else None
    if isinstance(upstream, Mapping):
        code = upstream.get("code")
        status = code if isinstance(code, int) and not isinstance(code, bool) else 0
        message = _short(str(upstream.get("message") or error))
        return _of_status(status or _SERVER_ERROR, "" if status else _code(code), message, "", _Told(field, None))
    shown = _short(error.body) if isinstance(error.body, str) else ""
    told = f"{error}; it begins with {shown[:60]!r}" if shown else str(error)
    return Failure(Scope.CALL, 200, "", told, "base_url", "give the URL of an OpenAI API, which mostly ends in /v1")


def _code(code: object) -> str:
    return code if isinstance(code, str) else ""


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _MOST_CHARACTERS else text[: _MOST_CHARACTERS - 1] + "…"
