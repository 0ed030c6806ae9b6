"""Reads a run's configuration: replaces variables, merges defaults, makes paths absolute."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path

from google.protobuf.descriptor import Descriptor

from sq.v1.run_config_pb2 import MarketConfig, RunConfig
from sq_cli.log_windows import check_days
from sq_cli.places import is_redis, named_messages, place_fields
from sq_cli.run_budget import divide_budget
from sq_handoff.location import absolute
from sq_stagekit.config import load_yaml, parse_config
from sq_stagekit.errors import InputError

_LANGUAGE = "en"
_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


class BadPlaces(InputError):
    """Paths or URIs of a configuration cannot be used.

    Attributes:
        usable: the configuration without the markets that have some; None if one is of all markets.
    """

    def __init__(self, field: str, problems: Sequence[str], usable: RunConfig | None) -> None:
        fix = "give paths, or URIs of one of these schemes without credentials"
        super().__init__(field, "; ".join(problems), fix)
        self.usable = usable


def read_run_config(path: Path) -> RunConfig:
    """The configuration in a file.

    `${NAME}` is replaced by an environment variable. Relative paths resolve against the file's folder.

    Raises:
        InputError: with the file, the field and the fix.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(str(path), f"cannot be read: {error}", "give a run configuration in YAML") from error
    fields = _fill_in(load_yaml(text, str(path)), str(path))
    defaults = fields.pop("defaults", None) or {}
    if not isinstance(defaults, dict):
        raise InputError(str(path), "defaults: is no mapping", "give fields of a market: defaults: {retrieve: {…}}")
    markets = fields.get("markets")
    if isinstance(markets, list):
        fields["markets"] = [
            merge(defaults, market, MarketConfig.DESCRIPTOR) if isinstance(market, dict) else market
            for market in markets
        ]
    config = parse_config(fields, RunConfig, str(path))
    _refuse_duplicates(config, str(path))
    check_days(config)
    for market in config.markets:
        _share(market)
    _share_labels(config)
    divide_budget(config)
    _make_absolute(config, path.absolute().parent, str(path))
    return config


def _share(market: MarketConfig) -> None:
    """Gives stages what the market has once: the catalogue of generate, and the words of the site."""
    if not market.diagnose.HasField("catalogue"):
        market.diagnose.catalogue.CopyFrom(market.generate.catalogue)
    for stage in (market.generate, market.diagnose) if market.HasField("words") else ():
        if not stage.HasField("words"):
            stage.words.CopyFrom(market.words)
    first = market.evaluate.cascade.first
    for judge in (market.evaluate, first):
        if judge.HasField("baseline") and not judge.baseline.accessory_words:
            judge.baseline.accessory_words.extend(market.words.accessory_words)


def _share_labels(config: RunConfig) -> None:
    """The queries of the labels, for a training that names none: those of the labels' table."""
    training = config.judge_training
    if not config.HasField("judge_training") or training.HasField("queries"):
        return
    queries = training.queries
    queries.source_language = queries.target_language = training.language or _LANGUAGE
    queries.fixed.uri = training.labels.uri
    if training.labels.columns.query:
        queries.fixed.columns.query = training.labels.columns.query
    if training.labels.HasField("csv"):
        queries.fixed.csv.CopyFrom(training.labels.csv)
    queries.catalogue.CopyFrom(training.catalogue)
    queries.known_matches = 0


def _refuse_duplicates(config: RunConfig, name: str) -> None:
    names = [market.market for market in config.markets]
    for twin in sorted({market for market in names if names.count(market) > 1}):
        raise InputError(name, f"markets: {twin} appears twice", "give every market its own name")


def _fill_in(value: object, name: str) -> object:
    if isinstance(value, dict):
        return {key: _fill_in(item, name) for key, item in value.items()}
    if isinstance(value, list):
        return [_fill_in(item, name) for item in value]
    return _VARIABLE.sub(lambda match: _variable(match[1], name), value) if isinstance(value, str) else value


def _variable(variable: str, name: str) -> str:
    if variable not in os.environ:
        raise InputError(name, f"${{{variable}}} is not set", "set this environment variable")
    return os.environ[variable]


def merge(defaults: dict, own: dict, descriptor: Descriptor) -> dict:
    """A message's defaults, replaced by its own fields. An own member of a oneof replaces the defaults' member."""
    own = {_field_name(key, descriptor): value for key, value in own.items()}
    merged = {_field_name(key, descriptor): value for key, value in defaults.items()}
    for name in own:
        for rival in _rivals(name, descriptor):
            merged.pop(rival, None)
    for name, value in own.items():
        field = descriptor.fields_by_name.get(name)
        both = isinstance(value, dict) and isinstance(merged.get(name), dict)
        nested = field is not None and field.message_type is not None and not field.is_repeated
        merged[name] = merge(merged[name], value, field.message_type) if both and nested else value
    return merged


def _field_name(key: str, descriptor: Descriptor) -> str:
    field = descriptor.fields_by_camelcase_name.get(key)
    return field.name if field else key


def _rivals(name: str, descriptor: Descriptor) -> list[str]:
    field = descriptor.fields_by_name.get(name)
    oneof = field.containing_oneof if field else None
    return [other.name for other in oneof.fields if other.name != name] if oneof else []


def _make_absolute(config: RunConfig, folder: Path, name: str) -> None:
    """Raises BadPlaces with every place that is none."""
    problems, of = [], set()
    for path, message in named_messages(config):
        for field in place_fields(message):
            value = getattr(message, field.name)
            try:
                if field.is_repeated:
                    value[:] = [_resolve(item, folder) for item in value]
                elif not (field.name == "cache_uri" and is_redis(value)):
                    setattr(message, field.name, _resolve(value, folder))
            except ValueError as error:
                problems.append(f"{path}{field.name}: {error}")
                of.add(path.partition(".")[0])
    if problems:
        raise BadPlaces(name, problems, _without(config, of))


def _without(config: RunConfig, names: set[str]) -> RunConfig | None:
    """The configuration without markets, such as "markets[0]"; None if a name is of all markets."""
    left = [market for number, market in enumerate(config.markets) if f"markets[{number}]" not in names]
    if len(config.markets) - len(left) < len(names):
        return None
    usable = RunConfig()
    usable.CopyFrom(config)
    del usable.markets[:]
    usable.markets.extend(left)
    return usable


def _resolve(place: str, folder: Path) -> str:
    """Raises ValueError for a URI of another scheme, or with credentials."""
    if "://" in place:
        # The slash at the end marks a prefix.
        return absolute(place) + ("/" if place.endswith("/") else "")
    # normpath, not resolve(): keep symbolic links as the user wrote them.
    return os.path.normpath(folder / place) + ("/" if place.endswith("/") else "")
