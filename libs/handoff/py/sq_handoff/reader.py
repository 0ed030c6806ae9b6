"""Reads artefacts."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator
from typing import Generic, TypeVar

import zstandard
from google.protobuf.message import DecodeError, Message

from sq.v1.manifest_pb2 import Manifest, Part
from sq_handoff.delimited import split
from sq_handoff.errors import Corrupt, WrongType
from sq_handoff.kinds import has_kinds
from sq_handoff.manifest import fetch_manifest, part_name
from sq_handoff.schema import fingerprint
from sq_handoff.store import Store
from sq_handoff.validate import check_record

Record = TypeVar("Record", bound=Message)


class ArtefactReader(Generic[Record]):
    """Streams the records of a published artefact and checks every digest. Keeps one part in memory."""

    def __init__(self, store: Store, message: type[Record], manifest: Manifest) -> None:
        self._store = store
        self._message = message
        self._has_kinds = has_kinds(message)
        self.manifest = manifest

    @classmethod
    def open(cls, uri: str, message: type[Record]) -> ArtefactReader[Record]:
        """Opens the artefact at a URI.

        Raises:
            NotFound: no artefact is published there.
            WrongType: its records are of another type, or of another version of it.
            Corrupt: its manifest is damaged.
        """
        store = Store.at(uri)
        manifest = fetch_manifest(store.uri)
        content = manifest.content
        wanted = message.DESCRIPTOR.full_name
        if content.message_type != wanted:
            raise WrongType(store.uri, f"contains {content.message_type}, not {wanted}")
        if content.schema_fingerprint != fingerprint(message.DESCRIPTOR):
            raise WrongType(store.uri, f"contains another version of {wanted}")
        return cls(store, message, manifest)

    @property
    def uri(self) -> str:
        return self._store.uri

    @property
    def digest(self) -> str:
        return self.manifest.digest

    def __iter__(self) -> Iterator[Record]:
        """Yields the records in order.

        Raises:
            Corrupt: a part is missing, or its bytes do not match the manifest.
        """
        everything, kinds = hashlib.sha256(), Counter()
        for part in self.manifest.parts:
            data = self._part(part)
            everything.update(data)
            for record in self._decode(part, data):
                if self._has_kinds:
                    kinds[record.WhichOneof("record")] += 1
                yield record
        content = self.manifest.content
        if f"sha256:{everything.hexdigest()}" != content.records_digest:
            raise Corrupt(self.uri, "the records do not match the digest in the manifest")
        if kinds != {count.kind: count.records for count in content.counts}:
            raise Corrupt(self.uri, "the records do not match the counts by kind in the manifest")

    def _part(self, part: Part) -> bytes:
        name = part_name(part.sha256)
        try:
            stored = self._store.get(name)
        except FileNotFoundError as error:
            raise Corrupt(self.uri, f"{name} is missing") from error
        try:
            # The limit keeps a damaged header from claiming all memory of the machine.
            stream = zstandard.ZstdDecompressor().stream_reader(stored, read_across_frames=True)
            data = stream.read(part.bytes + 1)
        except zstandard.ZstdError as error:
            raise Corrupt(self.uri, f"{name}: {error}") from error
        if len(data) != part.bytes or hashlib.sha256(data).hexdigest() != part.sha256:
            raise Corrupt(self.uri, f"{name}: its content does not match the digest in its name")
        return data

    def _decode(self, part: Part, data: bytes) -> Iterator[Record]:
        count = 0
        try:
            for chunk in split(data):
                record = self._message.FromString(chunk)
                check_record(record)
                count += 1
                yield record
        except (DecodeError, ValueError) as error:
            raise Corrupt(self.uri, f"{part_name(part.sha256)}, record {count}: {error}") from error
        if count != part.records:
            raise Corrupt(self.uri, f"{part_name(part.sha256)} has {count} records; the manifest says {part.records}")
