"""The Batch API: files of requests, answered a while later."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Mapping
from typing import Any

from sq_llm_server.batch_faults import BatchFaults
from sq_llm_server.files import Files
from sq_llm_server.replies import Raw, error

URL = "/v1/chat/completions"
_PAGE = 20
_EXPIRED = {"code": "batch_expired", "message": "This request could not be executed before the completion window."}


class Batches:
    """Batches of a server, in memory.

    Args:
        answer: the reply to the body of a line, by the batch's id and the line's fault. It is called once for each
            line that the batch comes to.
    """

    def __init__(self, files: Files, faults: BatchFaults, answer: Callable[[dict, str, str], Raw]) -> None:
        self._files = files
        self._answer = answer
        self._running: set[asyncio.Task[None]] = set()
        self.faults = faults
        self.all: dict[str, dict[str, Any]] = {}

    def create(self, body: bytes) -> Raw:
        """POST /v1/batches. Raises KeyError if there is no such file."""
        asked = json.loads(body)
        data = self._files.content(asked["input_file_id"])
        if asked.get("endpoint") != URL or asked.get("completion_window") != "24h":
            return error(400, f"endpoint is {URL}, and completion_window 24h", param="endpoint")
        batch = {
            "id": f"batch_{len(self.all) + 1}",
            "object": "batch",
            "endpoint": URL,
            "input_file_id": asked["input_file_id"],
            "completion_window": "24h",
            "status": "validating",
            "created_at": int(time.time()),
            "metadata": asked.get("metadata"),
            "request_counts": {"total": 0, "completed": 0, "failed": 0},
        }
        self.all[batch["id"]] = batch
        run = asyncio.ensure_future(self._run(batch, len(self.all), data))
        self._running.add(run)
        run.add_done_callback(self._running.discard)
        return Raw(batch)

    def page(self, limit: int, after: str) -> Raw:
        """GET /v1/batches, newest first."""
        ids = list(reversed(self.all))
        start = ids.index(after) + 1 if after in ids else 0
        page = ids[start : start + (limit or _PAGE)]
        more = start + len(page) < len(ids)
        ends = {"first_id": page[0], "last_id": page[-1]} if page else {}
        return Raw({"object": "list", "data": [self.all[name] for name in page], "has_more": more, **ends})

    def cancel(self, batch_id: str) -> Raw:
        """POST /v1/batches/ID/cancel. Lines that were not answered yet never will be. Raises KeyError."""
        batch = self.all[batch_id]
        if batch["status"] in ("validating", "in_progress"):
            batch |= {"status": "cancelling", "cancelling_at": int(time.time())}
        return Raw(batch)

    async def _run(self, batch: dict, number: int, data: bytes) -> None:
        fault = self.faults.of(number)
        lines, wrong = self._read(data, fault, number)
        if wrong:
            batch |= {"status": "failed", "failed_at": int(time.time()), "errors": {"object": "list", "data": wrong}}
            return
        batch["status"] = "in_progress"
        batch["request_counts"]["total"] = len(lines)
        await asyncio.sleep(self.faults.seconds)
        cancelled = batch["status"] == "cancelling"
        hit = set(range(len(lines))) if cancelled else self.faults.hit(number, len(lines)) if fault else set()
        output, errors = [], []
        for n, line in enumerate(lines):
            if n in hit and (cancelled or fault == "expired"):
                code = {"code": "batch_cancelled", "message": "cancelled"} if cancelled else _EXPIRED
                errors.append(_line(line, None, code))
                continue
            reply = self._answer(line["body"], batch["id"], "500" if n in hit and fault == "failed_lines" else "")
            if n in hit and fault == "partial":
                continue
            if n in hit and fault == "garbage_lines":
                output.append("{not JSON")
                continue
            said = {"status_code": reply.status, "request_id": f"req_{n}", "body": reply.body}
            (output if reply.status == 200 else errors).append(_line(line, said, None))
        self._end(batch, "cancelled" if cancelled else "expired" if fault == "expired" else "completed", output, errors)
        if fault == "lost_output" and output:
            self._files.lose(batch["output_file_id"])

    def _end(self, batch: dict, status: str, output: list[str], errors: list[str]) -> None:
        for kind, lines in (("output", output), ("error", errors)):
            if lines:
                data = "".join(f"{line}\n" for line in lines).encode()
                batch[f"{kind}_file_id"] = self._files.add(data, "batch_output", f"{batch['id']}_{kind}.jsonl")["id"]
        batch["request_counts"] |= {"completed": len(output), "failed": len(errors)}
        batch |= {"status": status, f"{status}_at": int(time.time())}

    def _read(self, data: bytes, fault: str, number: int) -> tuple[list[dict], list[dict]]:
        """The lines of a file, or what is wrong with it."""
        if fault == "failed":
            return [], [_wrong("internal_error", "fault failed")]
        if fault == "queue_full":
            return [], [_wrong("token_limit_exceeded", "Enqueued token limit reached.")]
        written = data.splitlines()
        if len(written) > self.faults.max_requests or len(data) > self.faults.max_bytes:
            return [], [_wrong("file_too_large", f"{len(written)} requests, {len(data)} bytes")]
        lines, seen, wrong = [], set(), []
        bad = self.faults.hit(number, len(written)) if fault == "bad_line" else set()
        for n, text in enumerate(written):
            try:
                line = json.loads(text)
                name, body = line["custom_id"], line["body"]
            except (ValueError, KeyError, TypeError):
                wrong.append(_wrong("invalid_json_line", "not a line of a batch", n + 1))
                continue
            if n in bad or not isinstance(body, dict) or line.get("url") != URL or line.get("method") != "POST":
                wrong.append(_wrong("invalid_request", "not a request of this batch's endpoint", n + 1))
            if not isinstance(name, str) or len(name) > 64 or name in seen:
                wrong.append(_wrong("duplicate_custom_id", f"custom_id {name} is too long, or occurs twice", n + 1))
            seen.add(name)
            lines.append(line)
        return lines, wrong


def _line(line: Mapping[str, Any], response: dict | None, told: dict | None) -> str:
    written = {"id": f"batch_req_{line['custom_id'][:8]}", "custom_id": line["custom_id"]}
    return json.dumps(written | {"response": response, "error": told})


def _wrong(code: str, message: str, line: int | None = None) -> dict:
    return {"code": code, "message": message, "param": None, "line": line}
