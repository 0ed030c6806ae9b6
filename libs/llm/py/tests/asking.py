"""A model on a local server of the protocol, asked by the official client."""

import asyncio

from google.protobuf import json_format

from sq.v1.source_pb2 import OpenAiEndpoint
from sq_handoff import Store
from sq_llm import Endpoint, Form, PaidAnswers, PaidModel, Size, place_at

FORM = Form("queries", {"type": "object", "properties": {}, "required": [], "additionalProperties": False})
SIZE = Size(300, 40)


def endpoint(server, **config):
    return Endpoint(json_format.ParseDict({"model": "m", "base_url": server.url, **config}, OpenAiEndpoint()), "judge")


async def _at_once(_seconds):
    """Waits for nothing between attempts."""


def model(server, folder, buyer="run", wait=_at_once, **config):
    answers = PaidAnswers(place_at(str(folder)), buyer, records=Store.at(str(folder)))
    return PaidModel(endpoint(server, **config), answers, wait)


def ask(asked, document='{"queries": []}', *, may_call=True):
    """The answer of a `PaidModel` to one request."""
    request = asked.endpoint.request("Translate.", document, FORM)

    async def once():
        try:
            return await asked.ask(request, SIZE, may_call=may_call)
        finally:
            await asked.close()

    return asyncio.run(once())
