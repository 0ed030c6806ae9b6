"""What all JSON that the DAGs read has in common: how a model is made, and how a misfit is reported."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, ValidationError
from pydantic.alias_generators import to_camel

_LONGEST_VALUE = 100
Model = TypeVar("Model", bound=BaseModel)


class JsonModel(BaseModel):
    """JSON whose fields have the names of Python's."""

    # Models that only tasks need are not built when a DAG file is parsed.
    model_config = ConfigDict(frozen=True, defer_build=True)


class ProtoJson(JsonModel):
    """A protobuf message in its JSON mapping: camelCase, defaults left out. Fields of newer releases are ignored."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)


def _from_digits(value: object) -> object:
    return int(value) if isinstance(value, str) and value.isdecimal() else value


Digest = Annotated[str, Field(pattern=r"^sha256:[0-9a-f]{64}$")]
NonEmpty = Annotated[str, Field(min_length=1)]
# Protobuf's JSON mapping writes 64-bit integers as strings.
Count = Annotated[int, Field(strict=True, ge=0), BeforeValidator(_from_digits), PlainSerializer(str)]


def read_json(path: Path, model: type[Model], fix: str) -> Model:
    """The content of a JSON file.

    Args:
        fix: what to do about a file that does not fit the model.

    Raises:
        ValueError: one sentence with the file, the field, its value and the fix.
    """
    try:
        return model.model_validate_json(path.read_bytes())
    except ValidationError as error:
        raise ValueError(f"{path}: {first_problem(error)}; {fix}") from None


def first_problem(error: ValidationError) -> str:
    """The first problem that pydantic found, such as "digest is 'latest': string should match pattern …"."""
    problem = error.errors(include_url=False, include_context=False)[0]
    field = ".".join(str(part) for part in problem["loc"])
    message = problem["msg"][:1].lower() + problem["msg"][1:]
    if problem["type"] == "missing":
        return f"{field} is missing"
    if problem["type"] == "extra_forbidden":
        return f"{field} is not a known field"
    return f"{field} is {_short(problem['input'])}: {message}" if field else message


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= _LONGEST_VALUE else f"{text[:_LONGEST_VALUE]}…"
