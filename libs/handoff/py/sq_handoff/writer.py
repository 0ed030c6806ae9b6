"""Writes artefacts."""

from __future__ import annotations

import hashlib
from collections import Counter
from typing import Generic, TypeVar

import zstandard
from google.protobuf.message import Message

from sq.v1.manifest_pb2 import Content, KindCount, Manifest, Part, Provenance
from sq_handoff.canonical_json import canonical_json
from sq_handoff.delimited import delimit
from sq_handoff.errors import Conflict
from sq_handoff.kinds import has_kinds
from sq_handoff.manifest import MANIFEST, content_digest, fetch_manifest, part_name
from sq_handoff.schema import fingerprint
from sq_handoff.store import Store
from sq_handoff.validate import check_record

Record = TypeVar("Record", bound=Message)

PART_BYTES = 8 << 20
_LEVEL = 3


class ArtefactWriter(Generic[Record]):
    """Writes the records of one artefact and publishes it. Keeps one part in memory, 8 MiB by default."""

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
        self._has_kinds = has_kinds(message)

    @property
    def uri(self) -> str:
        return self._store.uri

    def write(self, record: Record) -> None:
        """Appends one record.

        Raises:
            RecordError: a field of the record breaks its contract.
        """
        check_record(record)
        self._buffer += delimit(record.SerializeToString(deterministic=True))
        self._buffered += 1
        self._records += 1
        if self._has_kinds:
            self._kinds[record.WhichOneof("record")] += 1
        if len(self._buffer) >= self._part_bytes:
            self._close_part()

    def publish(self, provenance: Provenance, replaces: Manifest | None = None) -> Manifest:
        """Writes the manifest, which makes the artefact visible.

        Args:
            replaces: the manifest of an unfinished artefact at this URI. Of several writers that replace it, one wins.

        Returns:
            The manifest at the URI: this one, or an earlier one over the same records.

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
        if self._put(canonical_json(manifest), replaces):
            return manifest
        published = fetch_manifest(self._store.uri)
        if published.digest != manifest.digest:
            raise Conflict(
                self._store.uri,
                f"already contains the artefact {published.digest}; these records have the digest {manifest.digest}",
            )
        return published

    def _put(self, text: bytes, replaces: Manifest | None) -> bool:
        if replaces is None:
            return self._store.put_once(MANIFEST, text)
        return self._store.replace(MANIFEST, canonical_json(replaces), text)

    def _close_part(self) -> None:
        data = bytes(self._buffer)
        name = hashlib.sha256(data).hexdigest()
        self._store.put(part_name(name), zstandard.ZstdCompressor(level=_LEVEL).compress(data))
        self._all.update(data)
        self._parts.append(Part(sha256=name, records=self._buffered, bytes=len(data)))
        self._buffer.clear()
        self._buffered = 0
