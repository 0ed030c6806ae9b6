"""Canonical JSON (RFC 8785): equal messages have equal bytes in every language."""

import rfc8785
from google.protobuf import json_format
from google.protobuf.message import Message


def canonical_json(message: Message) -> bytes:
    """The canonical bytes of a message's JSON mapping."""
    return rfc8785.dumps(json_format.MessageToDict(message))
