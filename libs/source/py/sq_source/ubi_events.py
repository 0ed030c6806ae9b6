"""Reads the fields of one UBI event."""

from __future__ import annotations

from collections.abc import Mapping

from sq.v1.report_config_pb2 import ClickLog

# The names that the specification of UBI gives.
_CLICKS = ("click", "click_through")


def click_actions(log: ClickLog) -> frozenset[str]:
    """Names of the actions that are clicks."""
    return frozenset(log.click_actions or _CLICKS)


def action_of(document: Mapping[str, object]) -> str:
    """The name of an event's action; "" of a search, and of an event whose name is no text."""
    action = document.get("action_name")
    return action if isinstance(action, str) else ""


def search_of(document: Mapping[str, object]) -> str:
    """The id of the search that a record is, or that led to an event; "" if it names none."""
    return id_of(document.get("query_id"))


def product_and_ordinal(document: Mapping[str, object]) -> tuple[str, int | None]:
    """The product id of an event ("" if it has none) and its ordinal."""
    attributes = document.get("event_attributes")
    attributes = attributes if isinstance(attributes, dict) else {}
    item, position = attributes.get("object"), attributes.get("position")
    product = id_of(item.get("object_id")) if isinstance(item, dict) else ""
    ordinal = position.get("ordinal") if isinstance(position, dict) else None
    valid = isinstance(ordinal, int) and not isinstance(ordinal, bool) and ordinal >= 0
    return product, ordinal if valid else None


def session_of(document: Mapping[str, object], client: str) -> str:
    """The session of a query or event: at its top, or in event_attributes. "" if it names none.

    Sessions of two clients may have the same id.
    """
    attributes = document.get("event_attributes")
    places = (document, attributes if isinstance(attributes, dict) else {})
    session = next((found for place in places if (found := id_of(place.get("session_id")))), "")
    return f"{client}\n{session}" if session else ""


def id_of(value: object) -> str:
    """An id as text; "" if the value is not a text or a whole number."""
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
