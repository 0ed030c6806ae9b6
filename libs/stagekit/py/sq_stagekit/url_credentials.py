"""Refuses credentials in the URLs of a configuration: these are shown on command lines, in pods and in logs."""

from __future__ import annotations

import re
from collections.abc import Iterator

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from sq_stagekit.errors import InputError

# A scheme, or several as in k8s://https://host, and then an authority with an @.
_CREDENTIALS = re.compile(r"\s*([A-Za-z][A-Za-z0-9+.-]*://)+[^/?#]*@")
# By the last word of a field's name. url_credentials.go has the same table.
_FIXES = {
    "url": "remove them, and give credentials: {basic: {username: {env: NAME}, password: {env: NAME}}}",
    "base_url": "remove them, and give api_key: {env: NAME}",
    "cache_uri": "remove them, and set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or the variables of your store; "
    "for a Redis give cache: {password: {env: NAME}}",
    "uri": "remove them, and set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or the variables of your store",
    "address": "remove them, and give a certificate in ner_options.tls",
    "master": "remove them, and give Spark's own settings by spark-defaults.conf",
}


def refuse_url_credentials(config: Message) -> None:
    """Raises InputError, without the URL, if a field that holds a URL has credentials in it."""
    for path, name, value in _strings(config, ""):
        fix = _FIXES.get(name) or _FIXES.get(name.rpartition("_")[2])
        if fix and _CREDENTIALS.match(value):
            raise InputError(path, "has credentials in the URL", fix)


def _strings(message: Message, prefix: str) -> Iterator[tuple[str, str, str]]:
    """(path, name, value) of every string in a message, maps apart."""
    for field, value in message.ListFields():
        if field.message_type and field.message_type.GetOptions().map_entry:
            continue
        path = f"{prefix}{field.name}"
        items = [(f"{path}[{i}]", item) for i, item in enumerate(value)] if field.is_repeated else [(path, value)]
        for at, item in items:
            if field.type == FieldDescriptor.TYPE_STRING:
                yield at, field.name, item
            elif field.message_type:
                yield from _strings(item, f"{at}.")
