"""The source of pictures that a configuration names."""

from __future__ import annotations

import importlib.util
from urllib.parse import urlsplit

from sq.v1.pictures_pb2 import PICTURE_MODE_INLINE, PictureFetch
from sq.v1.source_pb2 import AnswerCache
from sq_evaluate.judges.pictures.fetch import FetchLimits
from sq_evaluate.judges.pictures.source import PictureSource, Scaling, Urls
from sq_handoff.location import absolute
from sq_llm import Tally, place_at
from sq_stagekit import InputError, Work

_MOST_MIB = 1024
_REDIS = ("redis", "rediss")


def pictures_of(work: Work, field: str, tally: Tally) -> PictureSource:
    """The pictures as the OpenAI judge of a work wants them.

    Args:
        field: path of the judge in the configuration, for errors.
        tally: counts which pictures were kept.

    Raises:
        InputError: this program cannot scale pictures, or the settings of the cache do not fit its place.
    """
    config = work.config.openai.pictures
    if config.mode != PICTURE_MODE_INLINE:
        return Urls(work.log)
    # Pillow and the module that uses it are not part of the image sq-evaluate.
    if importlib.util.find_spec("PIL") is None:
        fix = "use the image sq-evaluate-pictures, or set PICTURE_MODE_URL"
        raise InputError(f"{field}.pictures.mode", "this program does not include Pillow", fix)
    from sq_evaluate.judges.pictures.inline import Inline

    fetch = config.fetch
    uri = _cache_uri(work, fetch)
    place = place_at(uri, _bounded(uri, fetch.cache), f"{field}.pictures.fetch.")
    return Inline(FetchLimits.of(fetch), Scaling.of(fetch), place, tally, work.check_stop, work.log)


def _cache_uri(work: Work, fetch: PictureFetch) -> str:
    """A folder of its own beside the kept answers, because both have bounds."""
    if fetch.cache_uri:
        return fetch.cache_uri
    shared = work.config.cache_uri
    usable = shared and urlsplit(shared).scheme not in _REDIS
    return f"{(shared if usable else work.scratch.uri).rstrip('/')}/pictures"


def _bounded(uri: str, cache: AnswerCache) -> AnswerCache:
    folder = urlsplit(uri).scheme not in _REDIS and absolute(uri).startswith("file:")
    if not folder or cache.max_mib or cache.max_entries:
        return cache
    bounded = AnswerCache(max_mib=_MOST_MIB)
    bounded.MergeFrom(cache)
    return bounded
