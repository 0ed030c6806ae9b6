"""Refuses texts where a configuration needs fields, before protobuf's parser, which would show their letters."""

from __future__ import annotations

from collections.abc import Mapping

from google.protobuf.descriptor import Descriptor, FieldDescriptor

from sq.v1.source_pb2 import SecretSource
from sq_stagekit.errors import InputError

_SECRET = SecretSource.DESCRIPTOR
_SECRET_FIX = "give {env: NAME} or {file: PATH}: the name of a variable or a file that holds it"
# Messages of protobuf that a text or list stands for.
_WELL_KNOWN = "google.protobuf."


def check_shape(fields: Mapping[str, object], message: Descriptor, name: str) -> None:
    """Raises InputError, without the value, if a field has a text for fields, or anything else for a text or a list.

    Args:
        name: of the file or flag, for errors.
    """
    _check(fields, message, "", name)


def _check(fields: Mapping[str, object], message: Descriptor, prefix: str, name: str) -> None:
    for key, value in fields.items():
        if not isinstance(key, str):
            raise InputError(name, f"{prefix}{key}: there is no such field", "give the names of fields")
        field = message.fields_by_name.get(key) or message.fields_by_camelcase_name.get(key)
        if field is None or value is None or _is_well_known(field.message_type):
            continue
        for place, item in _items(field, value, f"{prefix}{field.name}", name):
            _check_item(field, item, place, name)


def _is_well_known(message: Descriptor | None) -> bool:
    return message is not None and (message.full_name.startswith(_WELL_KNOWN) or message.GetOptions().map_entry)


def _items(field: FieldDescriptor, value: object, path: str, name: str) -> list[tuple[str, object]]:
    if not field.is_repeated:
        return [(path, value)]
    if not isinstance(value, list):
        raise InputError(name, f"{path}: is {_kind(value)}, not a list", f"give {field.name}: [ … ]")
    return [(f"{path}[{number}]", item) for number, item in enumerate(value)]


def _check_item(field: FieldDescriptor, item: object, path: str, name: str) -> None:
    of = field.message_type
    if of is None:
        if field.type == FieldDescriptor.TYPE_STRING and not isinstance(item, str):
            raise InputError(name, f"{path}: is {_kind(item)}, not a text", "give a text; put numbers into quotes")
    elif of.full_name == _SECRET.full_name:
        _check_secret(item, path, name)
    elif isinstance(item, Mapping):
        _check(item, of, f"{path}.", name)
    else:
        names = ", ".join(one.name for one in of.fields)
        raise InputError(name, f"{path}: is {_kind(item)}, not fields with values", f"give fields of it: {names}")


def _check_secret(value: object, path: str, name: str) -> None:
    """Nothing of what is given is shown: it may be the secret, also where a name stands."""
    if not isinstance(value, Mapping):
        raise InputError(name, f"{path}: is {_kind(value)}, not the place of the secret", _SECRET_FIX)
    if not all(key in _SECRET.fields_by_name and isinstance(item, str) for key, item in value.items()):
        raise InputError(name, f"{path}: does not say where the secret is", _SECRET_FIX)


def _kind(value: object) -> str:
    names = {str: "a text", list: "a list", bool: "true or false", int: "a number", float: "a number"}
    return names.get(type(value), "nothing" if value is None else "fields")
