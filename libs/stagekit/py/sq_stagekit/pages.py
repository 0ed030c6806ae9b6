"""The pages of an artefact: files for people beside its records.

    <uri>/pages/<sha256>/<name>    stored before the manifest, which lists name and digest
    <uri>/<name>                   shown after the manifest, with the bytes that it lists

So an execution that loses against another, or ends before its manifest, replaces no page of the published artefact.
"""

from __future__ import annotations

import hashlib

from sq.v1.manifest_pb2 import Manifest, Page
from sq_handoff import Corrupt, Store, fetch_manifest


def store_page(store: Store, name: str, data: bytes) -> Page:
    """Stores a page under its digest, where nobody sees it yet."""
    page = Page(name=name, sha256=hashlib.sha256(data).hexdigest())
    store.put(_stored(page), data)
    return page


def show_pages(store: Store, manifest: Manifest) -> None:
    """Shows the pages of the artefact at the store's URI.

    Another execution may replace an unfinished artefact meanwhile. Then its pages are shown: each execution looks again
    after its last write, so the last one leaves the pages of the manifest.

    Raises:
        Corrupt: a stored page is missing or does not match its digest.
    """
    while True:
        for page in manifest.provenance.handoff.pages:
            _show(store, page)
        published = fetch_manifest(store.uri)
        if published == manifest:
            return
        manifest = published


def _show(store: Store, page: Page) -> None:
    try:
        data = store.get(_stored(page))
    except FileNotFoundError as error:
        raise Corrupt(store.uri, f"{_stored(page)} is missing") from error
    if hashlib.sha256(data).hexdigest() != page.sha256:
        raise Corrupt(store.uri, f"{_stored(page)} does not match its digest")
    if _shown(store, page.name) != data:
        store.put(page.name, data)


def _shown(store: Store, name: str) -> bytes | None:
    try:
        return store.get(name)
    except FileNotFoundError:
        return None


def _stored(page: Page) -> str:
    return f"pages/{page.sha256}/{page.name}"
