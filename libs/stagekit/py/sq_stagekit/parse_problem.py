"""What protobuf's JSON parser says of a configuration, with the path once and the values or fields to choose from."""

from __future__ import annotations

import re

from google.protobuf.descriptor import Descriptor

# The parser names each level, and then the whole path.
_LEVELS = re.compile(r"^(?:Failed to parse \w+ field: )+")
_LEVEL = re.compile(r"Failed to parse (\w+) field: ")
_ENUM = re.compile(r"enum type ([\w.]+)")
_UNKNOWN = re.compile(
    r'has no field named "([^"]*)" at "\w+\.?([^"]*)"\.\s*Available Fields[^:]*: "\[(.*)\]"', re.DOTALL
)
_HUMP = re.compile(r"(?<=[a-z0-9])([A-Z])")


def parse_problem(text: str, message: Descriptor) -> tuple[str, str]:
    """Problem and fix of an error of json_format.ParseDict. A text of another form stays as it is.

    Args:
        message: that was to be parsed.
    """
    said = _LEVELS.sub("", text).rstrip(".")
    if unknown := _UNKNOWN.search(said):
        name, path, fields = unknown.groups()
        snake = _HUMP.sub(lambda hump: f"_{hump[1].lower()}", fields.replace("'", ""))
        return f"{path + '.' if path else ''}{name}: there is no such field", f"give one of {snake}"
    problem, at, path = said.rpartition(" at ")
    path = path.partition(".")[2].rstrip(".") if at else ""
    # Of a number that is none, the parser gives the levels alone.
    path = path or ".".join(_LEVEL.findall(text[: len(text) - len(said)]))
    told = f"{path}: {problem if at else said}" if path else said
    if enum := _ENUM.search(said):
        values = message.file.pool.FindEnumTypeByName(enum[1]).values
        return told, f"give one of {', '.join(value.name for value in values if value.number)}"
    return told, f"see the fields of {message.full_name}"
