"""Artefacts: parts of records, and the manifest that publishes them.

    <uri>/parts/<sha256>.binpb.zst   length-delimited records, zstd; named by the digest of the uncompressed bytes
    <uri>/manifest.json              canonical JSON (RFC 8785) of sq.v1.Manifest; written last, and once

A reader therefore never sees half an artefact, and of two writers one wins.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator
from typing import Generic, TypeVar

import protovalidate
import rfc8785
import zstandard
from google.protobuf import json_format
from google.protobuf.message import DecodeError, Message

from sq.v1.manifest_pb2 import Content, KindCount, Manifest, Part, Provenance
from sq_handoff.delimited import delimit, split
from sq_handoff.errors import Conflict, Corrupt, NotFound, WrongType
from sq_handoff.schema import fingerprint
from sq_handoff.store import Store
from sq_handoff.validate import check_record

Record = TypeVar("Record", bound=Message)

MANIFEST = "manifest.json"
PART_BYTES = 8 << 20
_LEVEL = 3


class ArtefactWriter(Generic[Record]):
    """Writes the records of one artefact and publishes it. Holds one part in memory, 8 MiB by default."""

    def __init__(self, uri: str, message: type[Record], part_bytes: int = PART_BYTES) -> None:
        self._store = Store.at(uri)
        self._message = message
        self._part_bytes = part_bytes
        self._buffer = bytearray()
        self._buffered = 0
        self._all = hashlib.sha256()
        self._parts: list[Part] = []
        self._kinds: Counter[str] = Counter()
        self._records = 0
        self._has_kinds = _has_kinds(message)

    @property
    def uri(self) -> str:
        return self._store.uri

    def write(self, record: Record) -> None:
        """Appends one record.

        Raises:
            ValueError: a field of the record breaks its contract.
        """
        check_record(record)
        self._buffer += delimit(record.SerializeToString(deterministic=True))
        self._buffered += 1
        self._records += 1
        if self._has_kinds:
            self._kinds[record.WhichOneof("record")] += 1
        if len(self._buffer) >= self._part_bytes:
            self._close_part()

    def publish(self, provenance: Provenance) -> Manifest:
        """Writes the manifest and so makes the artefact visible.

        Returns:
            The manifest that stands there: this one, or an earlier one over the same records.

        Raises:
            Conflict: other records were published there before.
        """
        if self._buffered:
            self._close_part()
        content = Content(
            message_type=self._message.DESCRIPTOR.full_name,
            schema_fingerprint=fingerprint(self._message.DESCRIPTOR),
            records_digest=f"sha256:{self._all.hexdigest()}",
            records=self._records,
            counts=[KindCount(kind=kind, records=count) for kind, count in sorted(self._kinds.items())],
        )
        manifest = Manifest(digest=content_digest(content), content=content, parts=self._parts, provenance=provenance)
        if self._store.put_once(MANIFEST, canonical_json(manifest)):
            return manifest
        standing = fetch_manifest(self._store.uri)
        if standing.digest != manifest.digest:
            raise Conflict(self._store.uri, f"holds {standing.digest}, and these records have {manifest.digest}")
        return standing

    def _close_part(self) -> None:
        data = bytes(self._buffer)
        name = hashlib.sha256(data).hexdigest()
        self._store.put(part_name(name), zstandard.ZstdCompressor(level=_LEVEL).compress(data))
        self._all.update(data)
        self._parts.append(Part(sha256=name, records=self._buffered, bytes=len(data)))
        self._buffer.clear()
        self._buffered = 0


class ArtefactReader(Generic[Record]):
    """Streams the records of a published artefact, one part in memory, every digest checked."""

    def __init__(self, store: Store, message: type[Record], manifest: Manifest) -> None:
        self._store = store
        self._message = message
        self._has_kinds = _has_kinds(message)
        self.manifest = manifest

    @classmethod
    def open(cls, uri: str, message: type[Record]) -> ArtefactReader[Record]:
        """Opens the artefact at a URI.

        Raises:
            NotFound: nothing is published there.
            WrongType: it holds records of another type or version.
            Corrupt: its manifest is damaged.
        """
        store = Store.at(uri)
        manifest = fetch_manifest(store.uri)
        content = manifest.content
        wanted = message.DESCRIPTOR.full_name
        if content.message_type != wanted:
            raise WrongType(store.uri, f"holds {content.message_type}, not {wanted}")
        if content.schema_fingerprint != fingerprint(message.DESCRIPTOR):
            raise WrongType(store.uri, f"holds another version of {wanted}")
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
            Corrupt: a part is missing, or its bytes are not what the manifest says.
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
            raise Corrupt(self.uri, "the parts together are not the records the manifest promises")
        if kinds != {count.kind: count.records for count in content.counts}:
            raise Corrupt(self.uri, "the counts by kind are not those of the records")

    def _part(self, part: Part) -> bytes:
        name = part_name(part.sha256)
        try:
            stored = self._store.get(name)
        except FileNotFoundError as error:
            raise Corrupt(self.uri, f"{name} is missing") from error
        try:
            # The bound keeps a damaged header from asking for the machine's whole memory.
            stream = zstandard.ZstdDecompressor().stream_reader(stored, read_across_frames=True)
            data = stream.read(part.bytes + 1)
        except zstandard.ZstdError as error:
            raise Corrupt(self.uri, f"{name}: {error}") from error
        if len(data) != part.bytes or hashlib.sha256(data).hexdigest() != part.sha256:
            raise Corrupt(self.uri, f"{name} does not hold the bytes its name promises")
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
            raise Corrupt(self.uri, f"{part_name(part.sha256)} has {count} records, the manifest says {part.records}")


def fetch_manifest(uri: str) -> Manifest:
    """The manifest at a URI.

    Raises:
        NotFound: there is none.
        Corrupt: it is no manifest, or its digest is not that of its content.
    """
    store = Store.at(uri)
    try:
        text = store.get(MANIFEST)
    except FileNotFoundError as error:
        raise NotFound(store.uri, "no artefact is published here") from error
    try:
        manifest = json_format.Parse(text, Manifest())
        protovalidate.validate(manifest)
    except (json_format.ParseError, UnicodeDecodeError, protovalidate.ValidationError) as error:
        raise Corrupt(store.uri, f"{MANIFEST}: {error}") from error
    if manifest.digest != content_digest(manifest.content):
        raise Corrupt(store.uri, f"{MANIFEST}: its digest is not that of its content")
    if sum(part.records for part in manifest.parts) != manifest.content.records:
        raise Corrupt(store.uri, f"{MANIFEST}: its parts do not add up to its records")
    return manifest


def _has_kinds(message: type[Message]) -> bool:
    return "record" in message.DESCRIPTOR.oneofs_by_name


def part_name(sha256: str) -> str:
    return f"parts/{sha256}.binpb.zst"


def content_digest(content: Content) -> str:
    """The artefact digest, "sha256:<hex>": equal work has equal digests wherever it ran."""
    return "sha256:" + hashlib.sha256(canonical_json(content)).hexdigest()


def canonical_json(message: Message) -> bytes:
    """RFC 8785 bytes of a message's JSON mapping."""
    return rfc8785.dumps(json_format.MessageToDict(message))
