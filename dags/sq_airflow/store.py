"""Airflow's own access to the storage of artefacts."""

from __future__ import annotations

from datetime import datetime
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


def folders(uri: str, conn_id: str) -> list[str]:
    """The URIs of the folders in a folder; none if it is not there. Raises StorageError."""
    with using(uri):
        path = _path(uri, conn_id)
        path.fs.invalidate_cache()
        return sorted(f"{uri}/{child.name}" for child in path.iterdir() if child.is_dir()) if path.exists() else []


def size(uri: str, conn_id: str) -> int:
    """The bytes of all files in a folder. Raises FileNotFoundError, StorageError."""
    with using(uri):
        path = _path(uri, conn_id)
        return path.fs.du(path.path)


def written(uri: str, conn_id: str) -> datetime:
    """When a file was written, by the store's clock. Raises FileNotFoundError, StorageError."""
    with using(uri):
        path = _path(uri, conn_id)
        return path.fs.modified(path.path)


def remove_folder(uri: str, conn_id: str) -> None:
    """Removes a folder with all in it. Raises FileNotFoundError, StorageError."""
    with using(uri):
        _path(uri, conn_id).rmdir(recursive=True)


def _path(uri: str, conn_id: str) -> ObjectStoragePath:
    """A URI as a path. s3:// and gs:// use the Airflow connection; file:// does not."""
    local = urlsplit(uri).scheme == "file"
    return ObjectStoragePath(uri, conn_id=None if local or not conn_id else conn_id)
