"""A stage, as its contract describes it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from google.protobuf import text_format

from sq.v1.stage_contract_pb2 import StageContract

CONTRACT = "stage.textproto"


@dataclass(frozen=True)
class Stage:
    """A stage and its contract."""

    contract: StageContract

    @classmethod
    def beside(cls, main_file: str) -> Stage:
        """Reads stage.textproto from the folder of the program's package, or from the folder above it.

        Raises:
            FileNotFoundError: neither folder has one.
        """
        package = Path(main_file).absolute().parent
        for path in (package / CONTRACT, package.parent / CONTRACT):
            if path.exists():
                return cls(text_format.Parse(path.read_text(encoding="utf-8"), StageContract()))
        raise FileNotFoundError(f"no {CONTRACT} in {package} or in {package.parent}")
