"""Fingerprints of record schemas. They come from reflection alone, so every language computes the same."""

from __future__ import annotations

import hashlib

from google.protobuf.descriptor import Descriptor, EnumDescriptor, FieldDescriptor

_KINDS = {
    number: name.removeprefix("TYPE_").lower()
    for name, number in vars(FieldDescriptor).items()
    if name.startswith("TYPE_")
}


def fingerprint(descriptor: Descriptor) -> str:
    """ "sha256:<hex>" over the schema of a message and of every message and enum it refers to.

    Covers names, numbers, kinds and cardinality. Leaves out comments and options: they do not change what stored
    records mean.
    """
    text = "".join(_describe(item) for _, item in sorted(_reachable(descriptor).items()))
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()


def _reachable(root: Descriptor) -> dict[str, Descriptor | EnumDescriptor]:
    found: dict[str, Descriptor | EnumDescriptor] = {}
    pending: list[Descriptor | EnumDescriptor] = [root]
    while pending:
        item = pending.pop()
        if item.full_name in found:
            continue
        found[item.full_name] = item
        if isinstance(item, Descriptor):
            pending += [f.message_type or f.enum_type for f in item.fields if f.message_type or f.enum_type]
    return found


def _describe(item: Descriptor | EnumDescriptor) -> str:
    if not isinstance(item, Descriptor):
        values = sorted(item.values, key=lambda value: value.number)
        return f"enum {item.full_name}\n" + "".join(f"{value.number} {value.name}\n" for value in values)
    fields = sorted(item.fields, key=lambda field: field.number)
    return f"message {item.full_name}\n" + "".join(_describe_field(field) for field in fields)


def _describe_field(field: FieldDescriptor) -> str:
    named = field.message_type or field.enum_type
    oneof = field.containing_oneof
    real_oneof = oneof is not None and not oneof.name.startswith("_")
    cardinality = "repeated" if field.is_repeated else "optional"
    type_name = named.full_name if named else "-"
    return (
        f"{field.number} {field.name} {_KINDS[field.type]} {cardinality} {type_name} "
        f"{oneof.name if real_oneof else '-'}\n"
    )
