"""Kinds of records: the arms of the oneof `record`, in messages that have one."""

from __future__ import annotations

from google.protobuf.message import Message


def has_kinds(message: type[Message]) -> bool:
    """Whether records of this type have a kind."""
    return "record" in message.DESCRIPTOR.oneofs_by_name
