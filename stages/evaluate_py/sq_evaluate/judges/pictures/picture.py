"""A picture that a model is shown, or why it is shown none."""

from __future__ import annotations

import hashlib
import ipaddress
import socket
from dataclasses import dataclass
from urllib.parse import urlsplit

from sq.v1.judgment_pb2 import (
    PICTURE_PROBLEM_BAD_URL,
    PICTURE_PROBLEM_NONE,
    PICTURE_PROBLEM_PRIVATE_ADDRESS,
    PictureProblem,
)

_DIGITS = 16
_LONGEST_URL = 2048
_SCHEMES = ("http", "https")
_PRIVATE_NAMES = ("localhost", "local", "internal")
_TRANSLATED = ipaddress.ip_network("64:ff9b::/96"), ipaddress.ip_network("64:ff9b:1::/48")


@dataclass(frozen=True)
class Picture:
    """Attributes:
    url: that is sent: of the shop, or a data: URL.
    digest: the first 16 hexadecimal digits of the sha256 of its bytes, or of its URL if the model's service fetches it.
    """

    url: str
    digest: str

    @classmethod
    def at(cls, url: str) -> Picture:
        """A picture that the model's service fetches."""
        return cls(url, digest_of(url.encode()))


# What a model is shown of a product: a picture, or the PictureProblem that says why there is none.
Shown = Picture | int


class PictureError(Exception):
    """A picture cannot be used. `problem` says why, in the words of the contract; the text is for the log."""

    def __init__(self, problem: PictureProblem, detail: str) -> None:
        super().__init__(detail)
        self.problem = problem


def digest_of(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:_DIGITS]


def usable_url(url: str, allowed_hosts: frozenset[str] = frozenset()) -> str:
    """The URL itself. It is checked as it is written: no name is resolved.

    Args:
        allowed_hosts: in lower case; their addresses may be private.

    Raises:
        PictureError: it is no URL of http or https with a host, has credentials in it, or names a private address.
    """
    if not url:
        raise PictureError(PICTURE_PROBLEM_NONE, "the product has no picture")
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise PictureError(PICTURE_PROBLEM_BAD_URL, str(error)) from error
    if parts.scheme not in _SCHEMES or not host or len(url) > _LONGEST_URL:
        raise PictureError(PICTURE_PROBLEM_BAD_URL, f"no URL of http or https with at most {_LONGEST_URL} characters")
    if not url.isprintable() or " " in url or "\\" in url:
        raise PictureError(PICTURE_PROBLEM_BAD_URL, "a character that no URL has")
    if parts.username is not None or parts.password is not None:
        raise PictureError(PICTURE_PROBLEM_BAD_URL, "credentials in the URL")
    if host.rstrip(".") not in allowed_hosts and _is_private(host.rstrip(".")):
        raise PictureError(PICTURE_PROBLEM_PRIVATE_ADDRESS, f"{host} is no public host")
    return url


def is_public(address: str) -> bool:
    """Whether an IP address belongs to the public internet.

    Not public: private, loopback, link-local, multicast, unspecified and reserved addresses, and those of IPv6 that
    stand for one of IPv4.
    """
    found = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address):
        stands_for_another = found.ipv4_mapped or found.sixtofour or found.teredo
        if stands_for_another or any(found in network for network in _TRANSLATED) or found.is_site_local:
            return False
    return found.is_global and not (found.is_multicast or found.is_reserved or found.is_unspecified)


def _is_private(host: str) -> bool:
    if host.rsplit(".", 1)[-1] in _PRIVATE_NAMES:
        return True
    try:
        return not is_public(host)
    except ValueError:
        pass
    try:
        # Resolvers read 127.1, 0x7f000001 and 2130706433 as addresses too.
        return not is_public(socket.inet_ntoa(socket.inet_aton(host)))
    except OSError:
        return False
