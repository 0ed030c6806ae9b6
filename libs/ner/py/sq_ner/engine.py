"""The engine of a service: its name, and whether it is the expected one."""

from __future__ import annotations

from sq.v1.tag_pb2 import TagEngine
from sq_ner.failures import ADDRESS
from sq_stagekit import InputError


def engine_name(engine: TagEngine) -> str:
    """ "name/version", followed by the digest of the gazetteer if the engine has one."""
    name = f"{engine.name}/{engine.version}"
    return f"{name} ({engine.gazetteer_digest})" if engine.gazetteer_digest else name


def check_engine(engine: TagEngine, address: str, expected: str) -> None:
    """Checks the engine that a service names.

    Args:
        expected: "name" or "name/version"; empty for any engine.

    Raises:
        InputError: the engine has no name or version, or is not the expected one.
    """
    if not engine.name or not engine.version:
        raise InputError(ADDRESS, f"{address} does not name its engine and version", "correct the service")
    if expected not in ("", engine.name, f"{engine.name}/{engine.version}"):
        raise InputError(
            "ner_options.engine",
            f"is {expected}, but {address} runs {engine_name(engine)}",
            "change it, or give the address of a service with that engine",
        )
