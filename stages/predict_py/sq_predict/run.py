"""Opens the model, and writes what it yields."""

from __future__ import annotations

import traceback
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from google.protobuf.message import Message

from sq.v1.model_card_pb2 import ModelInterface
from sq.v1.predict_config_pb2 import PredictConfig
from sq_handoff import ArtefactError, ArtefactReader, StorageError
from sq_models import OpenFolder
from sq_models.module import RunnableModel, load_module, read_card
from sq_stagekit import InputError, TryAgainError, Work, messages

FIELD = "model"
_FIX = "correct the model, or go back to an earlier version: sq model rollback"


class Records:
    """The records of several artefacts, one after the other. They may be read repeatedly."""

    def __init__(self, readers: Sequence[ArtefactReader]) -> None:
        self._readers = readers

    def __iter__(self) -> Iterator[Message]:
        return chain.from_iterable(self._readers)


@dataclass(frozen=True)
class Prediction:
    """A model that was verified and imported.

    Attributes:
        reference: as the configuration names it.
    """

    reference: str
    opened: OpenFolder
    interface: ModelInterface
    model: RunnableModel

    @classmethod
    def of(cls, reference: str, opened: OpenFolder) -> Prediction:
        """Imports the module of a verified folder. Raises InputError."""
        interface = read_card(opened, FIELD).interface
        return cls(reference, opened, interface, load_module(opened, FIELD))

    def run(self, work: Work) -> None:
        """Writes the records that the model yields.

        Raises:
            InputError: the model raises, or yields a record that is not of its output type or breaks its contract.
            TryAgainError: the model says so, or the stage is to stop.
        """
        work.note_model(self.reference, self.opened.pinned)
        output = messages.find(self.interface.output_type)
        count = 0
        for record in self._yielded(work):
            work.check_stop()
            if not isinstance(record, output):
                raise self._failed(f"yields a {type(record).__name__}, not {self.interface.output_type}")
            try:
                work.write(record)
            except ValueError as error:
                raise self._failed(f"yields a record that breaks its contract: {error}") from error
            count += 1
        work.log.info("predicted", extra={"model": self.opened.pinned.uri, "records": count})

    def _yielded(self, work: Work) -> Iterator[Message]:
        inputs = {name: Records(readers) for name, readers in work.inputs.items()}
        try:
            yield from self.model.run(inputs)
        except (InputError, TryAgainError, ArtefactError, StorageError, MemoryError):
            raise
        # A module may raise anything, and must not end the program as if it had done its work.
        except (Exception, SystemExit) as error:
            last = traceback.extract_tb(error.__traceback__)[-1]
            where = f"{Path(last.filename).name}:{last.lineno}"
            raise self._failed(f"raised {type(error).__name__} at {where}: {error}") from error

    def _failed(self, problem: str) -> InputError:
        return InputError(FIELD, f"the model {self.opened.pinned.uri} {problem}", _FIX)


def keys_of(config: PredictConfig) -> list[Path]:
    """The public keys to trust in place of the machine's. Raises InputError if the file is missing."""
    keys = [Path(config.public_key_file)] if config.public_key_file else []
    for key in keys:
        if not key.is_file():
            raise InputError("public_key_file", f"there is no file {key}", "give a public key (PEM)")
    return keys
