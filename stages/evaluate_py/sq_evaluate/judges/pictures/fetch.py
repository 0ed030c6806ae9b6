"""Fetches pictures from addresses that somebody else wrote.

A supplier who can write the address of a picture must not reach the network that sq runs in (server-side request
forgery). So each address is checked: as it is written, and once its name is resolved. The connection goes to the very
addresses that were checked, because the name is resolved once. Redirects are followed here, and checked alike. No
proxy is used, no cookie kept, and no credentials are sent.
"""

from __future__ import annotations

import asyncio
import socket
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import aiohttp
from yarl import URL

from sq.v1.judgment_pb2 import (
    PICTURE_PROBLEM_BAD_URL,
    PICTURE_PROBLEM_PRIVATE_ADDRESS,
    PICTURE_PROBLEM_TOO_LARGE,
    PICTURE_PROBLEM_TOO_MANY_REDIRECTS,
    PICTURE_PROBLEM_TOO_SLOW,
    PICTURE_PROBLEM_UNAVAILABLE,
    PICTURE_PROBLEM_WRONG_TYPE,
)
from sq.v1.pictures_pb2 import PictureFetch
from sq_evaluate.judges.pictures.picture import PictureError, is_public, usable_url
from sq_evaluate.judges.pictures.source import allowed_hosts

TYPES = {"image/jpeg": "JPEG", "image/jpg": "JPEG", "image/png": "PNG", "image/webp": "WEBP", "image/gif": "GIF"}
_MOST_REDIRECTS = 5
_REDIRECTS = (301, 302, 303, 307, 308)
_OK = 200
_CHUNK = 65_536
# Pictures that are fetched at once. None waits for a connection, because the wait would take of its time.
AT_ONCE = 8
# Failures of a host in a row after which it is not asked any more.
_GIVE_UP_AFTER = 20
_HEADERS = {"Accept": ", ".join(TYPES), "Accept-Encoding": "identity", "User-Agent": "sq-evaluate"}


@dataclass(frozen=True)
class FetchLimits:
    """Attributes:
    seconds: for one picture, with its redirects.
    bytes: of one picture.
    allowed_hosts: in lower case; their addresses may be private.
    """

    seconds: float = 10.0
    bytes: int = 10_000_000
    allowed_hosts: frozenset[str] = frozenset()

    @classmethod
    def of(cls, config: PictureFetch) -> FetchLimits:
        return cls(config.timeout_seconds or cls.seconds, config.max_bytes or cls.bytes, allowed_hosts(config))


class _NotPublicError(OSError):
    """A name has an address that is not public."""


class _PublicAddresses(aiohttp.ThreadedResolver):
    """Resolves names of the public internet alone, and those that are allowed."""

    def __init__(self, allowed_hosts: frozenset[str]) -> None:
        super().__init__()
        self._allowed_hosts = allowed_hosts

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[aiohttp.abc.ResolveResult]:
        """The addresses of a host, to which the connection then goes. One that is not public refuses the host."""
        found = await super().resolve(host, port, family)
        if host.lower().rstrip(".") not in self._allowed_hosts:
            for address in found:
                if not is_public(address["host"]):
                    raise _NotPublicError(f"{host} has the address {address['host']}, which is not public")
        return found


class Fetcher:
    """Fetches pictures. Belongs to one event loop until it is closed."""

    def __init__(self, limits: FetchLimits) -> None:
        self._limits = limits
        self._session: aiohttp.ClientSession | None = None
        self._failures: Counter[str] = Counter()

    async def fetch(self, url: str) -> bytes:
        """The bytes of a picture, whose server says that it is one.

        Raises:
            PictureError: it cannot be fetched within the limits.
        """
        host = URL(usable_url(url, self._limits.allowed_hosts)).host or ""
        if self._failures[host] >= _GIVE_UP_AFTER:
            problem = f"{host} failed {_GIVE_UP_AFTER} times in a row"
            raise PictureError(PICTURE_PROBLEM_UNAVAILABLE, problem)
        try:
            async with asyncio.timeout(self._limits.seconds):
                data = await self._follow(url)
        except TimeoutError as error:
            self._failures[host] += 1
            raise PictureError(PICTURE_PROBLEM_TOO_SLOW, f"not there after {self._limits.seconds:g} s") from error
        except (aiohttp.ClientError, OSError) as error:
            if refused := next((one for one in _causes(error) if isinstance(one, _NotPublicError)), None):
                raise PictureError(PICTURE_PROBLEM_PRIVATE_ADDRESS, str(refused)) from error
            self._failures[host] += 1
            raise PictureError(PICTURE_PROBLEM_UNAVAILABLE, f"{type(error).__name__}: {error}") from error
        except ValueError as error:
            raise PictureError(PICTURE_PROBLEM_BAD_URL, str(error)) from error
        self._failures[host] = 0
        return data

    async def close(self) -> None:
        """Closes the connections. The next fetch opens new ones."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def _follow(self, url: str) -> bytes:
        self._session = session = self._session or self._open()
        for _ in range(_MOST_REDIRECTS + 1):
            # As the client reads it: two readers of URLs may find two hosts.
            usable_url(str(URL(url)), self._limits.allowed_hosts)
            async with session.get(URL(url), allow_redirects=False) as response:
                if response.status not in _REDIRECTS:
                    return await self._read(response)
                location = response.headers.get("Location", "")
            url = usable_url(str(URL(url).join(URL(location))), self._limits.allowed_hosts)
        raise PictureError(PICTURE_PROBLEM_TOO_MANY_REDIRECTS, f"more than {_MOST_REDIRECTS} redirects")

    async def _read(self, response: aiohttp.ClientResponse) -> bytes:
        if response.status != _OK:
            raise PictureError(PICTURE_PROBLEM_UNAVAILABLE, f"status {response.status}")
        if response.content_type not in TYPES or response.headers.get("Content-Encoding", "identity") != "identity":
            raise PictureError(PICTURE_PROBLEM_WRONG_TYPE, f"content type {response.content_type[:100]}")
        most, data = self._limits.bytes, bytearray()
        too_large = PictureError(PICTURE_PROBLEM_TOO_LARGE, f"more than {most} bytes")
        if (response.content_length or 0) > most:
            raise too_large
        async for chunk in response.content.iter_chunked(_CHUNK):
            data += chunk
            if len(data) > most:
                raise too_large
        return bytes(data)

    def _open(self) -> aiohttp.ClientSession:
        connector = aiohttp.TCPConnector(
            resolver=_PublicAddresses(self._limits.allowed_hosts),
            use_dns_cache=False,
            limit=AT_ONCE,
        )
        return aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            headers=_HEADERS,
            auto_decompress=False,
            trust_env=False,
            timeout=aiohttp.ClientTimeout(total=None),
        )


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
