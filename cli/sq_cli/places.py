"""The places a configuration names: fields called uri, file, *_uri or *_file, and the secrets it asks for."""

from __future__ import annotations

from collections.abc import Iterator

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from sq.v1.source_pb2 import SecretSource


def messages(config: Message) -> Iterator[Message]:
    """A configuration and every message in it."""
    yield config
    for field, value in config.ListFields():
        # A map's entries are messages to the descriptor alone; none of ours holds one.
        if field.message_type and not field.message_type.GetOptions().map_entry:
            for inner in value if field.is_repeated else [value]:
                yield from messages(inner)


def place_fields(message: Message) -> Iterator[FieldDescriptor]:
    """The fields of this one message that are set and name a place."""
    for field, _ in message.ListFields():
        if field.type == FieldDescriptor.TYPE_STRING and field.name.split("_")[-1] in ("uri", "file"):
            yield field


def places(config: Message) -> Iterator[tuple[str, str]]:
    """Field name and place, of all places a configuration names."""
    for message in messages(config):
        for field in place_fields(message):
            value = getattr(message, field.name)
            for place in value if field.is_repeated else [value]:
                yield field.name, place


def secret_variables(config: Message) -> Iterator[str]:
    """Names of the environment variables that hold secrets of a configuration."""
    for message in messages(config):
        if isinstance(message, SecretSource) and message.env:
            yield message.env
