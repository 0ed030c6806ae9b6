"""What survives a crash about batches.

A batch has a folder with up to three objects, each written once:

    lines.json   its requests, before the batch is created
    batch.json   the service's id of the batch, before anybody waits for it
    ended.json   written when all its answers are stored
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sq_handoff import Store
from sq_llm.batch.line import Line
from sq_llm.usage import Tokens, Usage

_BUYER_LENGTH = 16


@dataclass(frozen=True)
class BatchRecord:
    """A batch that is not known to have ended.

    Attributes:
        name: ours. The service keeps it in the batch's metadata, so that the batch is found by it.
        written: when the record was made, in seconds since 1970.
        batch_id: of the service; "" if it is unknown whether the batch was created.
    """

    name: str
    lines: Sequence[Line]
    written: float
    batch_id: str = ""


class BatchRecords:
    """The batches of one buyer at one service.

    Args:
        service: digest of the service's URL.
        buyer: the work that pays for the batches. Another work leaves them alone.
    """

    def __init__(self, store: Store, service: str, buyer: str) -> None:
        self._store = store
        self._folder = f"batches/{service}/{hashlib.sha256(buyer.encode()).hexdigest()[:_BUYER_LENGTH]}"

    async def intend(self, lines: Sequence[Line]) -> BatchRecord:
        """Notes a batch that is to be created."""
        record = BatchRecord(uuid.uuid4().hex, lines, time.time())
        noted = {"written": record.written, "lines": [_noted(line) for line in lines]}
        await self._put(record, "lines.json", noted)
        return record

    async def created(self, record: BatchRecord, batch_id: str) -> BatchRecord:
        """Notes the service's id of a batch."""
        await self._put(record, "batch.json", {"batch_id": batch_id})
        return replace(record, batch_id=batch_id)

    async def ended(self, record: BatchRecord, outcome: Mapping[str, object]) -> None:
        """Notes that nothing more is to be had of a batch."""
        await self._put(record, "ended.json", outcome)

    async def open(self) -> list[BatchRecord]:
        """Batches that have not ended, oldest first."""
        names: dict[str, set[str]] = {}
        for path in await asyncio.to_thread(self._store.list, self._folder):
            name, _, kind = path.removeprefix(f"{self._folder}/").partition("/")
            names.setdefault(name, set()).add(kind)
        open_ones = [name for name, kinds in names.items() if "lines.json" in kinds and "ended.json" not in kinds]
        records = [await self._read(name, "batch.json" in names[name]) for name in open_ones]
        return sorted(records, key=lambda record: record.written)

    async def _read(self, name: str, has_id: bool) -> BatchRecord:
        noted = json.loads(await self._store.get_async(f"{self._folder}/{name}/lines.json"))
        batch_id = ""
        if has_id:
            batch_id = json.loads(await self._store.get_async(f"{self._folder}/{name}/batch.json"))["batch_id"]
        return BatchRecord(name, [_line(*given) for given in noted["lines"]], noted["written"], batch_id)

    async def _put(self, record: BatchRecord, kind: str, data: Mapping[str, object]) -> None:
        text = json.dumps(data, sort_keys=True)
        await self._store.put_once_async(f"{self._folder}/{record.name}/{kind}", text.encode())


def _noted(line: Line) -> list[object]:
    used = line.used
    counts = [used.calls, used.input_tokens, used.output_tokens]
    return [line.digest, line.estimate.input_tokens, line.estimate.output_tokens, line.rounds, counts]


def _line(digest: str, input_tokens: int, output_tokens: int, rounds: int, used: Sequence[int]) -> Line:
    calls, used_input, used_output = used
    paid = Usage(calls, used_input, 0, used_output, Tokens(used_input, 0, used_output))
    return Line(digest, Usage(1, input_tokens, 0, output_tokens), rounds, paid)
