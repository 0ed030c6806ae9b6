"""Opens the place that a configuration names for kept answers."""

from __future__ import annotations

from urllib.parse import urlsplit

from sq.v1.source_pb2 import AnswerCache
from sq_handoff import Store
from sq_handoff.location import absolute, local_path
from sq_llm.cache.place import Objects, Place
from sq_llm.cache.sqlite_place import Bounds, SqlitePlace
from sq_stagekit import InputError
from sq_stagekit.secrets import read_secret

_FIX_REDIS = "give redis://HOST:PORT/DB or rediss://HOST:PORT/DB"
_FIX = "give a folder, s3://, gs://, redis:// or rediss://"
_REDIS = ("redis", "rediss")


def place_at(uri: str, cache: AnswerCache | None = None, field: str = "") -> Place:
    """The place at a URI or path.

    Args:
        field: path of the settings in the configuration, with a dot at its end, for errors.

    Raises:
        InputError: the settings do not fit the place, or a secret is missing.
    """
    settings = cache or AnswerCache()
    if urlsplit(uri).scheme in _REDIS:
        return _redis(uri, settings, field)
    if settings.username or settings.HasField("password"):
        raise InputError(f"{field}cache", "has a user name or password, but cache_uri is no Redis", "remove them")
    try:
        uri = absolute(uri)
        store = Store.at(uri)
    except ValueError as error:
        raise InputError(f"{field}cache_uri", str(error), _FIX) from error
    if not uri.startswith("file:"):
        return _objects(store, settings, field)
    folder = local_path(uri)
    bounds = Bounds.of(settings.max_age_days, settings.max_entries, settings.max_mib)
    older = Objects(store) if (folder / "answers").is_dir() else None
    return SqlitePlace(folder, bounds, older)


def _objects(store: Store, settings: AnswerCache, field: str) -> Place:
    for name in ("max_age_days", "max_entries", "max_mib"):
        if getattr(settings, name):
            raise InputError(
                f"{field}cache.{name}",
                "is not for object storage",
                "remove it, and give the bucket a rule that deletes old objects",
            )
    return Objects(store)


def _redis(uri: str, settings: AnswerCache, field: str) -> Place:
    # The client takes a third of a second to import.
    from sq_llm.cache.redis_place import RedisPlace, refuse_bad_uri

    for name in ("max_entries", "max_mib"):
        if getattr(settings, name):
            raise InputError(
                f"{field}cache.{name}", "is not for a Redis", "remove it, and set maxmemory and its policy there"
            )
    if "@" in urlsplit(uri).netloc:
        raise InputError(f"{field}cache_uri", "has credentials in it", "remove them, and give cache: {password: ...}")
    try:
        refuse_bad_uri(uri)
    except ValueError as error:
        raise InputError(f"{field}cache_uri", str(error), _FIX_REDIS) from error
    password = read_secret(settings.password, f"{field}cache.password") if settings.HasField("password") else None
    seconds = Bounds.of(settings.max_age_days, 0, 0).seconds
    return RedisPlace(uri, settings.username or None, password, seconds)
