"""Uploaded files, and files that the server wrote."""

from __future__ import annotations

import email.parser
import email.policy
import time

from sq_llm_server.replies import Raw, error


class Files:
    """Files by id, in memory."""

    def __init__(self) -> None:
        self._files: dict[str, tuple[dict, bytes]] = {}

    def upload(self, content_type: str, body: bytes) -> Raw:
        """Takes the body of POST /v1/files, a form of several parts (RFC 7578)."""
        head = f"Content-Type: {content_type}\r\n\r\n".encode()
        form = email.parser.BytesParser(policy=email.policy.HTTP).parsebytes(head + body)
        parts = {}
        for part in form.iter_parts() if form.is_multipart() else ():
            parts[part.get_param("name", header="content-disposition")] = part
        if "file" not in parts or "purpose" not in parts:
            return error(400, "give a form with file and purpose", param="file")
        purpose = parts["purpose"].get_payload(decode=True).decode().strip()
        name = parts["file"].get_filename() or "file"
        return Raw(self.add(parts["file"].get_payload(decode=True), purpose, name))

    def add(self, data: bytes, purpose: str, name: str) -> dict:
        """The new file as the API describes it."""
        described = {
            "id": f"file-{len(self._files) + 1}",
            "object": "file",
            "bytes": len(data),
            "created_at": int(time.time()),
            "filename": name,
            "purpose": purpose,
            "status": "processed",
        }
        self._files[described["id"]] = described, data
        return described

    def content(self, file_id: str) -> bytes:
        """Raises KeyError."""
        return self._files[file_id][1]

    def lose(self, file_id: str) -> None:
        """Forgets what is in a file."""
        self._files.pop(file_id, None)
