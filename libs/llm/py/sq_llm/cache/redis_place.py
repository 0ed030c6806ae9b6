"""Entries in a Redis or Valkey, which any number of machines may share."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, TypeVar
from urllib.parse import urlsplit

import redis.asyncio
from redis import exceptions
from redis.asyncio.retry import Retry
from redis.backoff import ExponentialWithJitterBackoff

from sq_handoff import StorageAway, StorageFull, StorageRefused
from sq_handoff.storage_errors import StorageError
from sq_llm.cache.place import Found

SCHEMES = ("redis", "rediss")
T = TypeVar("T")
# Others may use the same database.
_PREFIX = "sq:"
_CONNECTIONS = 32
_CONNECT_SECONDS, _ANSWER_SECONDS, _WAIT_SECONDS = 10.0, 30.0, 60.0
_RETRIES, _FIRST_WAIT, _LONGEST_WAIT = 5, 0.1, 3.0
# Names in one command: a large one would hold up the other users of the server.
_MOST_NAMES = 500
_REFUSED = (
    exceptions.AuthenticationError,
    exceptions.AuthenticationWrongNumberOfArgsError,
    exceptions.AuthorizationError,
    exceptions.NoPermissionError,
    exceptions.ReadOnlyError,
)


class RedisPlace:
    """A key for each entry.

    The server deletes entries that are too old (EXPIRE), and those beyond its own `maxmemory`. So neither is counted.
    An entry is stored when the server has it: whether it survives the end of the server is the server's setting.

    Args:
        uri: redis://HOST:PORT/DB, or rediss:// for TLS.
        password: None for a server without one.
        seconds: that an entry lives from when it was written; 0 for ever.
    """

    takes_small_entries = True

    def __init__(self, uri: str, username: str | None = None, password: str | None = None, seconds: float = 0) -> None:
        self._uri = uri
        self._login = {"username": username, "password": password}
        self._milliseconds = max(1, round(seconds * 1000)) if seconds else None
        # Connections belong to one event loop.
        self._clients: dict[asyncio.AbstractEventLoop, redis.asyncio.Redis] = {}

    async def get(self, names: Sequence[str]) -> Found:
        found: dict[str, bytes] = {}
        for start in range(0, len(names), _MOST_NAMES):
            part = names[start : start + _MOST_NAMES]
            read = await self._do("read", lambda client, part=part: client.mget([_PREFIX + name for name in part]))
            found |= {name: data for name, data in zip(part, read, strict=True) if data is not None}
        return Found(found)

    async def put(self, entries: Mapping[str, bytes], *, replace: bool = False) -> None:
        items = list(entries.items())
        for start in range(0, len(items), _MOST_NAMES):
            part = items[start : start + _MOST_NAMES]
            await self._do("write", lambda client, part=part: self._put(client, part, replace))

    async def close(self) -> None:
        """Closes the connections of the running event loop. The next operation opens new ones."""
        client = self._clients.pop(asyncio.get_running_loop(), None)
        if client is not None:
            await client.aclose()

    async def _put(self, client: redis.asyncio.Redis, items: Sequence[tuple[str, bytes]], replace: bool) -> None:
        async with client.pipeline(transaction=False) as commands:
            for name, data in items:
                commands.set(_PREFIX + name, data, nx=not replace, px=self._milliseconds)
            await commands.execute()

    async def _do(self, verb: str, work: Callable[[redis.asyncio.Redis], Awaitable[T]]) -> T:
        loop = asyncio.get_running_loop()
        if loop not in self._clients:
            self._clients[loop] = self._client()
        try:
            return await work(self._clients[loop])
        except (exceptions.RedisError, OSError) as error:
            raise self._storage_error(verb, error) from error

    def _client(self) -> redis.asyncio.Redis:
        login: dict[str, Any] = {name: value for name, value in self._login.items() if value is not None}
        pool = redis.asyncio.BlockingConnectionPool.from_url(
            self._uri,
            **login,
            max_connections=_CONNECTIONS,
            timeout=_WAIT_SECONDS,
            socket_connect_timeout=_CONNECT_SECONDS,
            socket_timeout=_ANSWER_SECONDS,
            retry=Retry(ExponentialWithJitterBackoff(base=_FIRST_WAIT, cap=_LONGEST_WAIT), _RETRIES),
        )
        return redis.asyncio.Redis.from_pool(pool)

    def _storage_error(self, verb: str, error: Exception) -> StorageError:
        text = (str(error) or type(error).__name__).splitlines()[0]
        if isinstance(error, exceptions.OutOfMemoryError):
            full = StorageFull(self._uri, verb, text)
            full.fix = "raise its maxmemory, or let it evict (maxmemory-policy allkeys-lru)"
            return full
        if isinstance(error, _REFUSED) or text.startswith(("NOAUTH", "WRONGPASS", "NOPERM", "DB index")):
            refused = StorageRefused(self._uri, verb, text)
            refused.fix = "check cache.username, cache.password and what that user may do"
            return refused
        if "CERTIFICATE_VERIFY_FAILED" in text:
            refused = StorageRefused(self._uri, verb, text)
            refused.fix = "set SSL_CERT_FILE to the certificate of its authority"
            return refused
        return StorageAway(self._uri, verb, text)


def refuse_bad_uri(uri: str) -> None:
    """Raises ValueError, without the URI, if it is not that of a Redis."""
    parts = urlsplit(uri)
    number = parts.path.strip("/")
    if not parts.hostname or parts.query or parts.fragment or (number and not number.isdecimal()):
        raise ValueError("a Redis is redis://HOST:PORT/DB, with a number as DB and nothing behind it")
    try:
        _ = parts.port
    except ValueError:
        raise ValueError("the port is no number from 1 to 65535") from None
