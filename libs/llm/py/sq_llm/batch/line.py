"""The requests of a batch, and the files that carry them."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sq_llm.usage import Usage

URL = "/v1/chat/completions"


@dataclass(frozen=True)
class Line:
    """One request of a batch.

    Attributes:
        digest: sha256 of the request in hexadecimal. The service repeats it with the answer.
        estimate: of one answer.
        rounds: batches that had this request before and did not answer it.
        used: what these batches used for it all the same.
        body: what is sent; empty for a line that was read from the record of a batch.
    """

    digest: str
    estimate: Usage
    rounds: int = 0
    used: Usage = Usage()
    body: Mapping[str, Any] = field(default_factory=dict)

    def data(self) -> bytes:
        """The line of the file, with its line feed."""
        request = {"custom_id": self.digest, "method": "POST", "url": URL, "body": self.body}
        return json.dumps(request, ensure_ascii=False).encode() + b"\n"


@dataclass(frozen=True)
class File:
    """The file of one batch. Its upload reads `data` in pieces, so that 200 MB are in memory once."""

    lines: Sequence[Line]
    data: io.BytesIO
    size: int


def cut(lines: Iterable[Line], max_requests: int, max_bytes: int) -> Iterator[File]:
    """Files of at most so many requests and bytes, in the order of the lines.

    A line that is longer than `max_bytes` is alone.
    """
    held: list[Line] = []
    data = io.BytesIO()
    for line in lines:
        written = line.data()
        if held and (len(held) == max_requests or data.tell() + len(written) > max_bytes):
            yield File(held, data, data.tell())
            held, data = [], io.BytesIO()
        held.append(line)
        data.write(written)
    if held:
        yield File(held, data, data.tell())
