"""Finds message classes of the contracts by name."""

from __future__ import annotations

import importlib
import pkgutil

from google.protobuf import symbol_database
from google.protobuf.message import Message

import sq.v1


def find(full_name: str) -> type[Message]:
    """The class of a message of sq.v1, by its full name. Raises KeyError if there is none."""
    for module in pkgutil.iter_modules(sq.v1.__path__):
        # Not the modules of gRPC services: not every image contains gRPC.
        if module.name.endswith("_pb2"):
            importlib.import_module(f"sq.v1.{module.name}")
    database = symbol_database.Default()
    return database.pool.FindMessageTypeByName(full_name)._concrete_class
