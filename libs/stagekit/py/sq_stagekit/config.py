"""Parses YAML or JSON strictly into a proto message. Every error names its field."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

import protovalidate
import yaml
from google.protobuf import json_format
from google.protobuf.message import Message

from sq_stagekit.config_shape import check_shape
from sq_stagekit.errors import InputError
from sq_stagekit.parse_problem import parse_problem
from sq_stagekit.url_credentials import refuse_url_credentials

Config = TypeVar("Config", bound=Message)
_DEEPEST = 100


class _StrictLoader(yaml.CSafeLoader if hasattr(yaml, "CSafeLoader") else yaml.SafeLoader):
    """Rejects duplicate keys, and keeps dates as strings."""


_StrictLoader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def _mapping(loader: _StrictLoader, node: yaml.MappingNode) -> dict:
    seen = set()
    for key, _ in node.value:
        if not isinstance(key, yaml.ScalarNode):
            raise yaml.constructor.ConstructorError(None, None, "a field has no name", key.start_mark)
        if key.value in seen:
            raise yaml.constructor.ConstructorError(None, None, f"{key.value} is given twice", key.start_mark)
        seen.add(key.value)
    return loader.construct_mapping(node, deep=True)


_StrictLoader.add_constructor("tag:yaml.org,2002:map", _mapping)


def load_yaml(text: str, name: str) -> dict:
    """Parses the mapping in a YAML or JSON text.

    Args:
        name: of the file or flag, for errors.

    Raises:
        InputError: the text is not valid YAML, or not a mapping.
    """
    try:
        _check_depth(text, name)
        loaded = yaml.load(text, Loader=_StrictLoader)
    except (yaml.YAMLError, UnicodeError) as error:
        raise InputError(name, f"is not valid YAML: {_yaml_problem(error)}", "correct the YAML") from None
    if loaded is None:
        return {}
    if not isinstance(loaded, dict):
        raise InputError(name, f"contains a {type(loaded).__name__}, not a mapping", "write `field: value` lines")
    return loaded


def _check_depth(text: str, name: str) -> None:
    """Refuses text that is nested deeper than any configuration: libyaml's loader would use up the C stack."""
    depth = 0
    for event in yaml.parse(text, Loader=_StrictLoader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > _DEEPEST:
            where = f"line {event.start_mark.line + 1}, column {event.start_mark.column + 1}"
            raise InputError(name, f"is nested more than {_DEEPEST} levels deep in {where}", "correct the YAML")


def _yaml_problem(error: Exception) -> str:
    """What is wrong and where, without the text of the place: it may be a secret."""
    mark = getattr(error, "problem_mark", None)
    where = f" in line {mark.line + 1}, column {mark.column + 1}" if mark else ""
    problem = str(getattr(error, "problem", None) or getattr(error, "reason", None) or "it cannot be read")
    if "alias" in problem or "tag" in problem:
        problem = "a value that begins with * or ! needs quotes"
    return f"{problem}{where}"


def parse_config(fields: dict, message: type[Config], name: str) -> Config:
    """Converts fields to a message and checks it against the rules of its contract.

    Raises:
        InputError: a field is unknown, has a wrong type or breaks a rule, or a URL has credentials.
    """
    check_shape(fields, message.DESCRIPTOR, name)
    try:
        config = json_format.ParseDict(fields, message())
    except json_format.ParseError as error:
        raise InputError(name, *parse_problem(str(error), message.DESCRIPTOR)) from error
    refuse_url_credentials(config)
    check_config(config, name)
    return config


def check_config(config: Message, name: str) -> None:
    """Checks a message against the rules of its contract. Raises InputError, which lists every invalid field."""
    try:
        protovalidate.validate(config)
    except protovalidate.ValidationError as error:
        problems = [f"{_path(violation)}: {violation.proto.message}" for violation in error.violations]
        raise InputError(name, "; ".join(problems), f"see the fields of {config.DESCRIPTOR.full_name}") from error


def read_config(flag: str, message: type[Config]) -> Config:
    """Reads the value of --config: inline JSON if it begins with "{", else the path of a YAML or JSON file."""
    if flag.lstrip().startswith("{"):
        return parse_config(load_yaml(flag, "--config"), message, "--config")
    try:
        text = Path(flag).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError("--config", str(error), "give a readable YAML or JSON file") from error
    return parse_config(load_yaml(text, flag), message, flag)


def _path(violation: protovalidate.Violation) -> str:
    elements = violation.proto.field.elements if violation.proto.field else []
    path = ""
    for element in elements:
        path += f".{element.field_name}" if path else element.field_name
        index = getattr(element, "subscript", None)
        if index is not None and getattr(index, "field", "") == "index":
            path += f"[{index.value}]"
    return path or "configuration"
