"""The manifest, which publishes an artefact.

    <uri>/parts/<sha256>.binpb.zst   length-delimited records, zstd; named by the digest of the uncompressed bytes
    <uri>/manifest.json              canonical JSON (RFC 8785) of sq.v1.Manifest; written last, and once

So no reader sees half an artefact, and of two writers one wins.
"""

from __future__ import annotations

import hashlib

import protovalidate
from google.protobuf import json_format

from sq.v1.manifest_pb2 import Content, Manifest
from sq_handoff.canonical_json import canonical_json
from sq_handoff.errors import Corrupt, NotFound
from sq_handoff.store import Store

MANIFEST = "manifest.json"


def fetch_manifest(uri: str) -> Manifest:
    """Reads and checks the manifest of the artefact at a URI.

    Raises:
        NotFound: there is none.
        Corrupt: it is not a valid manifest, or its digest does not match its content.
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
        raise Corrupt(store.uri, f"{MANIFEST}: its digest does not match its content")
    if sum(part.records for part in manifest.parts) != manifest.content.records:
        raise Corrupt(store.uri, f"{MANIFEST}: the record counts of its parts do not add up to its total")
    return manifest


def part_name(sha256: str) -> str:
    """Name of a part below the artefact's URI."""
    return f"parts/{sha256}.binpb.zst"


def content_digest(content: Content) -> str:
    """The artefact digest, "sha256:<hex>": equal work has equal digests wherever it ran."""
    return "sha256:" + hashlib.sha256(canonical_json(content)).hexdigest()
