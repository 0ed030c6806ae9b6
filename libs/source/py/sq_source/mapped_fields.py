"""Finds configured fields that no document of a catalogue has. They are misspelt, or the catalogue is another one."""

from __future__ import annotations

from collections.abc import Sequence

from sq.v1.source_pb2 import FieldMapping
from sq_source.mapping import Document, has_field, leaves
from sq_stagekit import InputError

_SINGLE_FIELDS = ("id", "title", "description", "brand", "category", "price", "image")
_NAMES = 40


class MappedFields:
    """The fields of a mapping that no document had so far.

    Args:
        field: of the catalogue in the configuration, for errors.
    """

    def __init__(self, mapping: FieldMapping, field: str) -> None:
        self._unseen = {
            f"{field}.fields.{name}": getattr(mapping, name) for name in _SINGLE_FIELDS if getattr(mapping, name)
        }
        for number, item in enumerate(mapping.attributes):
            self._unseen[f"{field}.fields.attributes[{number}].field"] = item.field
        self._prefixes = {
            f"{field}.fields.attribute_prefixes[{number}]": prefix
            for number, prefix in enumerate(mapping.attribute_prefixes)
        }

    def see(self, document: Document) -> None:
        """Takes a document. A field that is there but empty counts as seen."""
        if self._unseen:
            self._unseen = {at: path for at, path in self._unseen.items() if not has_field(document, path)}
        if self._prefixes:
            names = leaves(document)
            self._prefixes = {
                at: prefix for at, prefix in self._prefixes.items() if not any(n.startswith(prefix) for n in names)
            }

    def check(self, names: Sequence[str]) -> None:
        """Raises InputError if there is a field that no document had. `names` are those that there are."""
        wrong = [(at, f"no product has the field {path}") for at, path in self._unseen.items()]
        wrong += [(at, f"no product has a field that begins with {p}") for at, p in self._prefixes.items()]
        if not wrong:
            return
        (first, problem), *others = wrong
        more = "".join(f"; {other_problem} ({at})" for at, other_problem in others)
        raise InputError(
            first, f"{problem}{more}; there are {', '.join(list(names)[:_NAMES])}", "map another field, or remove it"
        )
