"""The instructions to a model: files of sq, by name and version, of which a shop may replace one.

A prompt has two placeholders. `{{data}}` becomes the sentences that say that the shop's texts are data. `{{answer}}`
becomes what the reader of answers relies on.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sq_stagekit import InputError
from sq_stagekit.small_file import read_small_file

_FOLDER = Path(__file__).parent / "prompts"
_PLACEHOLDER = re.compile(r"\{\{(.*?)\}\}")
_PLACEHOLDERS = ("data", "answer")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_DIGITS = 8
OWN = "own"


@dataclass(frozen=True)
class Prompt:
    """Instructions to a model.

    Attributes:
        name: of the rubric, with the version of its file ("own" for the shop's) and the digest of all that the model
            is told, such as "whole-1-1a2b3c4d". It is part of the judge's name, which changes with the question.
    """

    name: str
    instructions: str

    @classmethod
    def of(
        cls, rubric: str, schema: Mapping[str, Any], uri: str = "", field: str = "", shown: Sequence[str] = ()
    ) -> Prompt:
        """The prompt of a rubric, or another prompt that is a folder of prompts/.

        Args:
            rubric: a folder of prompts/.
            schema: of the answer.
            uri: a file in place of sq's own; "" for the newest of these.
            field: path of `uri` in the configuration, for errors.
            shown: what the model is shown beside query and products. Sentences of prompts/data-NAME tell it so.

        Raises:
            InputError: the file cannot be read, is too long, no UTF-8 or empty, or its placeholders are wrong.
            TryAgainError: the storage does not answer.
        """
        version = OWN if uri else _newest(rubric)
        text = _read(uri, field) if uri else _own(rubric)
        told = _PLACEHOLDER.sub(lambda found: _part(rubric, found[1], shown), text)
        digest = hashlib.sha256(f"{told}{json.dumps(schema, sort_keys=True)}".encode()).hexdigest()
        return cls(f"{rubric}-{version}-{digest[:_DIGITS]}", told)


def _part(rubric: str, placeholder: str, shown: Sequence[str]) -> str:
    own = f"{rubric}-{placeholder}"
    names = [own if (_FOLDER / own).is_dir() else placeholder]
    if placeholder == "data":
        names += [f"data-{name}" for name in shown]
    return "\n".join(_own(name).removesuffix("\n") for name in names)


def _own(name: str) -> str:
    return (_FOLDER / name / f"{_newest(name)}.txt").read_text(encoding="utf-8")


def _newest(name: str) -> str:
    """The highest version of a prompt."""
    return max((path.stem for path in (_FOLDER / name).glob("*.txt")), key=int)


def _read(uri: str, field: str) -> str:
    try:
        text = read_small_file(uri, field).decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise InputError(field, f"{uri} is not UTF-8: {error}", "save the file as UTF-8") from error
    if not text.strip():
        raise InputError(field, f"{uri} is empty", "give a file with instructions to the model")
    if found := _CONTROL.search(text):
        problem = f"{uri} contains the character U+{ord(found[0]):04X}"
        raise InputError(field, problem, "remove it: a prompt is plain text")
    names = _PLACEHOLDER.findall(text)
    if unknown := [name for name in names if name not in _PLACEHOLDERS]:
        raise InputError(field, f"{uri} has the placeholder {{{{{unknown[0]}}}}}", f"only {_shown()} are known")
    if wrong := [name for name in _PLACEHOLDERS if names.count(name) != 1]:
        times = names.count(wrong[0])
        problem = f"{uri} has {{{{{wrong[0]}}}}} {times} times" if times else f"{uri} lacks {{{{{wrong[0]}}}}}"
        raise InputError(field, problem, f"write {_shown()} once each; sq's own prompts show where")
    return text


def _shown() -> str:
    return " and ".join(f"{{{{{name}}}}}" for name in _PLACEHOLDERS)
