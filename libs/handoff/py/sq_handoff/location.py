"""URIs of folders and files: file://, s3:// or gs://."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote, urlsplit

SCHEMES = ("file", "s3", "gs")
# Without the URI: flags and configurations stand in logs and in pods.
_CREDENTIALS = (
    "the URI has credentials in it: remove them, and set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or the variables "
    "of your store"
)


def absolute(uri: str) -> str:
    """A URI without a trailing slash. A plain path becomes a file:// URI, resolved against the working directory.

    Raises:
        ValueError: the scheme is none of file, s3, gs, or the URI has credentials in it.
    """
    if "://" not in uri:
        return Path(uri).absolute().as_uri()
    if "@" in urlsplit(uri).netloc:
        raise ValueError(_CREDENTIALS)
    if urlsplit(uri).scheme not in SCHEMES:
        raise ValueError(f"{uri}: the scheme must be one of {', '.join(SCHEMES)}")
    return uri.rstrip("/")


def join(uri: str, *names: str) -> str:
    """The URI of something below another URI."""
    return "/".join([uri.rstrip("/"), *(name.strip("/") for name in names)])


def local_path(uri: str) -> Path:
    """The path of a file:// URI, or of a plain path."""
    return Path(unquote(urlsplit(uri).path)) if "://" in uri else Path(uri)
