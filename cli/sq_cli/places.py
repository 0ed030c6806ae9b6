"""Paths and URIs of a configuration: its fields called uri, file, *_uri or *_file; and its secrets."""

from __future__ import annotations

from collections.abc import Iterator

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from sq.v1.source_pb2 import SecretSource


def named_messages(config: Message, path: str = "") -> Iterator[tuple[str, Message]]:
    """A configuration and every message in it, each with its path and a dot: "markets[0].generate."."""
    yield path, config
    for field, value in config.ListFields():
        # A map is a repeated message to the descriptor. No map of ours has messages as values.
        if not field.message_type or field.message_type.GetOptions().map_entry:
            continue
        if field.is_repeated:
            for place, inner in enumerate(value):
                yield from named_messages(inner, f"{path}{field.name}[{place}].")
        else:
            yield from named_messages(value, f"{path}{field.name}.")


def messages(config: Message) -> Iterator[Message]:
    """A configuration and every message in it."""
    return (message for _, message in named_messages(config))


def place_fields(message: Message) -> Iterator[FieldDescriptor]:
    """The fields of this message alone that are set and have a path or URI."""
    for field, _ in message.ListFields():
        if field.type == FieldDescriptor.TYPE_STRING and field.name.split("_")[-1] in ("uri", "file"):
            yield field


def places(config: Message) -> Iterator[tuple[str, str]]:
    """Field name and value of every path or URI of a configuration."""
    for message in messages(config):
        for field in place_fields(message):
            value = getattr(message, field.name)
            for place in value if field.is_repeated else [value]:
                yield field.name, place


def secret_variables(config: Message) -> Iterator[str]:
    """Names of the environment variables that have the secrets of a configuration."""
    for message in messages(config):
        if isinstance(message, SecretSource) and message.env:
            yield message.env


def is_redis(place: str) -> bool:
    """Whether a URI is that of a Redis. Only a cache_uri may be one."""
    return place.startswith(("redis://", "rediss://"))


def is_local(place: str) -> bool:
    """Whether a path or URI is on this machine's file system."""
    return "://" not in place or place.startswith("file://")
