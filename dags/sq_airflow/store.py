"""Airflow's own access to the storage of artefacts."""

from __future__ import annotations

from urllib.parse import urlsplit

from airflow.sdk import ObjectStoragePath

from sq_airflow.storage_failure import using


def read(uri: str, conn_id: str) -> bytes:
    """The content of a file. Raises FileNotFoundError, StorageError."""
    with using(uri):
        return _path(uri, conn_id).read_bytes()


def write(uri: str, content: bytes, conn_id: str) -> None:
    """Writes a file. Raises StorageError."""
    with using(uri):
        path = _path(uri, conn_id)
        if urlsplit(uri).scheme == "file":
            path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def exists(uri: str, conn_id: str) -> bool:
    """Whether a file or folder is there. Raises StorageError."""
    with using(uri):
        return _path(uri, conn_id).exists()


def remove_folder(uri: str, conn_id: str) -> None:
    """Removes a folder with all in it. Raises FileNotFoundError, StorageError."""
    with using(uri):
        _path(uri, conn_id).rmdir(recursive=True)


def _path(uri: str, conn_id: str) -> ObjectStoragePath:
    """A URI as a path. s3:// and gs:// use the Airflow connection; file:// does not."""
    local = urlsplit(uri).scheme == "file"
    return ObjectStoragePath(uri, conn_id=None if local or not conn_id else conn_id)
