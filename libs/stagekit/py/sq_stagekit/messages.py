"""Message classes of the contracts by their full names."""

from __future__ import annotations

import importlib
import pkgutil

from google.protobuf import symbol_database
from google.protobuf.message import Message

import sq.v1


def find(full_name: str) -> type[Message]:
    """The class of a message of sq.v1. Raises KeyError where there is none."""
    for module in pkgutil.iter_modules(sq.v1.__path__):
        # Services lie beside the messages, and gRPC is not in every image.
        if module.name.endswith("_pb2"):
            importlib.import_module(f"sq.v1.{module.name}")
    database = symbol_database.Default()
    return database.pool.FindMessageTypeByName(full_name)._concrete_class
