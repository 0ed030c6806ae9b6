"""Named objects under one URI: file://, s3:// or gs://, read and written with obstore."""

from __future__ import annotations

import json
import os
from contextlib import AbstractContextManager
from urllib.parse import urlsplit

import obstore
from obstore.exceptions import AlreadyExistsError, PreconditionError
from obstore.store import LocalStore, ObjectStore, from_url

from sq_handoff.location import absolute, join, local_path
from sq_handoff.storage_errors import storage_errors

# obstore gives up on a connection after five seconds, which a busy node exceeds.
_CONNECT_TIMEOUT = "30s"


class Store:
    """Objects under one URI, named by paths relative to it.

    An object appears whole or not at all. On file:// a temporary file is linked or renamed; s3:// and gs://
    guarantee it themselves.

    Every operation raises StorageAway, StorageFull or StorageRefused if the storage does not do it.
    """

    def __init__(self, uri: str, objects: ObjectStore | None) -> None:
        self.uri = uri
        self._opened = objects

    @classmethod
    def at(cls, uri: str) -> Store:
        """Opens the store at a URI or at a plain path. Only a put creates the folder.

        S3 takes its endpoint, region and credentials from the usual AWS_* variables. Google Cloud Storage takes its
        credentials from GOOGLE_APPLICATION_CREDENTIALS or the machine, and an emulator from STORAGE_EMULATOR_HOST.

        Raises:
            ValueError: the scheme is none of file, s3, gs.
        """
        uri = absolute(uri)
        if urlsplit(uri).scheme == "file":
            return cls(uri, None)
        if uri.startswith("gs://"):
            with storage_errors(uri, "open"):
                return cls(uri, _google(uri))
        plain_http = os.environ.get("AWS_ENDPOINT_URL", "").startswith("http://")
        options = {"allow_http": plain_http, "connect_timeout": _CONNECT_TIMEOUT}
        with storage_errors(uri, "open"):
            return cls(uri, from_url(uri, client_options=options))

    def _objects(self, *, make: bool = False) -> ObjectStore:
        """Raises FileNotFoundError if a local folder does not exist and `make` is False."""
        if self._opened is None:
            folder = local_path(self.uri)
            if not make and not folder.is_dir():
                raise FileNotFoundError(self.uri)
            self._opened = LocalStore(folder, automatic_cleanup=False, mkdir=True)
        return self._opened

    def get(self, name: str) -> bytes:
        """The object's bytes. Raises FileNotFoundError."""
        with self._errors("read", name):
            return bytes(obstore.get(self._objects(), name).bytes())

    async def get_async(self, name: str) -> bytes:
        """As `get`, without blocking the event loop."""
        with self._errors("read", name):
            return bytes(await (await obstore.get_async(self._objects(), name)).bytes_async())

    async def put_once_async(self, name: str, data: bytes) -> bool:
        """As `put_once`, without blocking the event loop."""
        try:
            with self._errors("write", name):
                await obstore.put_async(self._objects(make=True), name, data, mode="create", use_multipart=False)
        except AlreadyExistsError:
            return False
        return True

    def get_range(self, name: str, start: int, length: int) -> bytes:
        """Bytes start to start + length (exclusive) of the object; fewer at its end. Raises FileNotFoundError."""
        with self._errors("read", name):
            size = obstore.head(self._objects(), name)["size"]
            length = min(length, max(size - start, 0))
            if length == 0:
                return b""
            return bytes(obstore.get_range(self._objects(), name, start=start, length=length))

    def put(self, name: str, data: bytes) -> None:
        """Writes the object; replaces an older one."""
        with self._errors("write", name):
            obstore.put(self._objects(make=True), name, data, use_multipart=False)

    def put_once(self, name: str, data: bytes) -> bool:
        """Writes the object unless it exists. Of several writers exactly one gets True."""
        try:
            with self._errors("write", name):
                obstore.put(self._objects(make=True), name, data, mode="create", use_multipart=False)
        except AlreadyExistsError:
            return False
        return True

    def replace(self, name: str, old: bytes, new: bytes) -> bool:
        """Writes the object if it still has the bytes `old`. On s3:// and gs:// one of several writers gets True.

        On file:// two writers at the same moment may both get True. The last one's bytes stay.
        """
        try:
            with self._errors("read", name):
                found = obstore.get(self._objects(), name)
                data = bytes(found.bytes())
        except FileNotFoundError:
            return False
        if data != old:
            return False
        mode: obstore.PutMode = {name: found.meta[name] for name in ("e_tag", "version") if found.meta.get(name)}
        if self.uri.startswith("file:"):
            mode = "overwrite"
        try:
            with self._errors("write", name):
                obstore.put(self._objects(), name, new, mode=mode, use_multipart=False)
        except PreconditionError:
            return False
        return True

    def list(self, prefix: str = "") -> list[str]:
        """Names of all objects below the folder `prefix` ("" for all), sorted by their UTF-8 bytes."""
        try:
            with self._errors("list", prefix):
                found = obstore.list(self._objects(), prefix=prefix or None)
                names = [entry["path"] for batch in found for entry in batch]
        except FileNotFoundError:
            return []
        return sorted(names, key=lambda name: name.encode())

    def exists(self, name: str) -> bool:
        try:
            with self._errors("read", name):
                obstore.head(self._objects(), name)
        except FileNotFoundError:
            return False
        return True

    def delete(self, name: str) -> None:
        """Removes the object, if it exists."""
        try:
            with self._errors("delete", name):
                obstore.delete(self._objects(), name)
        except FileNotFoundError:
            return

    def _errors(self, verb: str, name: str) -> AbstractContextManager[None]:
        return storage_errors(join(self.uri, name) if name else self.uri, verb)


def _google(uri: str) -> ObjectStore:
    emulator = os.environ.get("STORAGE_EMULATOR_HOST", "").rstrip("/")
    if not emulator:
        return from_url(uri)
    emulator = emulator if "://" in emulator else f"http://{emulator}"
    # obstore takes another address only from a service account; this one has no key.
    no_key = {"client_email": "", "private_key": "", "private_key_id": ""}
    account = json.dumps({"gcs_base_url": emulator, "disable_oauth": True, **no_key})
    return from_url(uri, service_account_key=account, client_options={"allow_http": True})
