"""Imports `class Model` from the model.py of a folder that was verified before."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Protocol

from google.protobuf import json_format
from google.protobuf.message import Message

from sq.v1.model_card_pb2 import ModelCard
from sq_models.folder import CARD_FILE
from sq_models.opening import OpenFolder
from sq_stagekit import InputError

MODULE_FILE = "model.py"


class RunnableModel(Protocol):
    """What `class Model` of a model.py has: __init__(folder), and run."""

    def __init__(self, folder: Path) -> None:
        """Reads the weights.

        Args:
            folder: with the files of the model. It may be read until the program ends.
        """

    def run(self, inputs: Mapping[str, Iterable[Message]]) -> Iterator[Message]:
        """Yields the output's records.

        Args:
            inputs: the records of each artefact, by the names of the card's interface. They may be read repeatedly.
        """


def read_card(opened: OpenFolder, field: str) -> ModelCard:
    """The card of a verified folder. Raises InputError if it is none, or has no interface for a module."""
    try:
        card = json_format.Parse((opened.path / CARD_FILE).read_text(encoding="utf-8"), ModelCard())
    except (json_format.ParseError, UnicodeDecodeError) as error:
        raise _unusable(opened, field, f"{CARD_FILE}: {error}") from error
    if not card.interface.output_type or not (opened.path / MODULE_FILE).is_file():
        raise _unusable(opened, field, f"it has no {MODULE_FILE}, or no interface in {CARD_FILE}")
    return card


def load_module(opened: OpenFolder, field: str) -> RunnableModel:
    """Imports model.py of a verified folder, and makes its Model. Files beside it import as `from . import NAME`.

    Raises:
        InputError: the module needs a library that is not here, raises, or has no class Model with a run method.
    """
    name = f"sq_model_{opened.digest}"
    path = opened.path / MODULE_FILE
    spec = importlib.util.spec_from_file_location(name, path, submodule_search_locations=[str(opened.path)])
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
        return _made(module.Model, opened.path)
    except ImportError as error:
        fix = "run it in an image that has this library"
        raise InputError(field, f"the model {opened.pinned.uri} cannot be imported: {error}", fix) from error
    # A module may raise anything, and must not end the program.
    except (Exception, SystemExit) as error:
        problem = f"its {MODULE_FILE} cannot be used: {type(error).__name__}: {error}"
        raise _unusable(opened, field, problem) from error


def _made(model: type[RunnableModel], folder: Path) -> RunnableModel:
    if not callable(getattr(model, "run", None)):
        raise TypeError("class Model has no run method")
    return model(folder)


def _unusable(opened: OpenFolder, field: str, problem: str) -> InputError:
    return InputError(field, f"the model {opened.pinned.uri} is not run: {problem}", "correct it and register it again")
