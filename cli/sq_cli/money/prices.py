"""Prices of models, from a dated file."""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sq.v1.source_pb2 import OpenAiEndpoint, Price
from sq_llm.endpoint import mode_of, reduced_price
from sq_stagekit.config import load_yaml, parse_config
from sq_stagekit.errors import InputError

PLAIN = "plain"
MODES = (PLAIN, "flex", "batch")
_OWN = Path(__file__).with_name("prices.yaml")
_SNAPSHOT = re.compile(r"-\d{4}-\d{2}-\d{2}$")


@dataclass(frozen=True)
class Prices:
    """Attributes:
    date: on which they were read, ISO 8601.
    source: where.
    models: prices by mode, by the model's name.
    """

    date: str
    source: str
    models: Mapping[str, Mapping[str, Price]]

    def of(self, endpoint: OpenAiEndpoint, field: str) -> Mapping[str, Price]:
        """Prices of an endpoint's model by mode. The endpoint's own prices win, as they do in the bill.

        A snapshot such as gpt-5-mini-2025-08-07 costs what its model costs.

        Raises:
            InputError: neither the endpoint nor the file has a price.
        """
        found = {**self._listed(endpoint.model), **_own(endpoint)}
        name = endpoint.model
        if PLAIN not in found:
            raise InputError(
                f"{field}.model",
                f"{name} is not among the prices of {self.date} ({', '.join(self.models)})",
                f"set {field}.price, or give a file with --prices",
            )
        return {mode: found[mode] for mode in MODES if mode in found}

    def serves(self, endpoint: OpenAiEndpoint) -> bool:
        """Whether a price of the endpoint's model is from the file, and not from the configuration alone."""
        return bool(self._listed(endpoint.model).keys() - _own(endpoint).keys())

    def _listed(self, name: str) -> Mapping[str, Price]:
        return self.models.get(name) or self.models.get(_SNAPSHOT.sub("", name)) or {}


def _own(endpoint: OpenAiEndpoint) -> dict[str, Price]:
    """Prices by mode that the configuration has."""
    found = {PLAIN: endpoint.price} if endpoint.price.input or endpoint.price.output else {}
    mode, reduced = mode_of(endpoint), reduced_price(endpoint)
    if mode != PLAIN and reduced is not None:
        found[mode] = reduced
    return found


def read_prices(path: Path | None = None) -> Prices:
    """The prices in a file; those that sq brings without one.

    Raises:
        InputError: with the field.
    """
    flag = "--prices"
    try:
        text = (path or _OWN).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(flag, f"cannot be read: {error}", "give a file such as docs/use.md shows") from error
    fields = load_yaml(text, flag)
    models = fields.get("models")
    if not isinstance(models, dict) or not models:
        raise InputError(f"{flag}: models", "has no model", "give models: {NAME: {plain: {input: …, output: …}}}")
    date = str(fields.get("date", ""))
    try:
        datetime.date.fromisoformat(date)
    except ValueError as error:
        raise InputError(f"{flag}: date", f"{date!r} is no day", "give the day of the prices: 2026-11-05") from error
    read = {str(name): _modes(modes, f"{flag}: models.{name}") for name, modes in models.items()}
    return Prices(date, str(fields.get("source", "")), read)


def _modes(modes: object, field: str) -> dict[str, Price]:
    if not isinstance(modes, dict) or PLAIN not in modes:
        raise InputError(field, "has no price of plain calls", "give plain: {input: …, cached_input: …, output: …}")
    for mode in modes:
        if mode not in MODES:
            raise InputError(f"{field}.{mode}", "is no mode", f"give one of {', '.join(MODES)}")
    prices = {mode: parse_config(fields or {}, Price, f"{field}.{mode}") for mode, fields in modes.items()}
    for mode, price in prices.items():
        if not (price.input and price.output):
            raise InputError(f"{field}.{mode}", "has no input or output", "give both, in dollars a million tokens")
    return prices
