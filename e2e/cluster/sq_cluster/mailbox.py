"""A mail server and a receiver of webhooks."""

from __future__ import annotations

import http.server
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from aiosmtpd.controller import Controller

from sq_e2e.servers import free_port


@dataclass
class Mailbox:
    """The mails and the webhook messages that were received."""

    smtp_port: int
    http_port: int
    letters: list[str] = field(default_factory=list)
    messages: list[dict] = field(default_factory=list)


@contextmanager
def mailbox() -> Iterator[Mailbox]:
    """Runs a mail server and a web server that keep what they receive."""
    box = Mailbox(free_port(), free_port())

    class Letters:
        async def handle_DATA(self, _server, _session, envelope):  # noqa: N802
            box.letters.append(envelope.content.decode(errors="replace"))
            return "250 kept"

    class Messages(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            box.messages.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_):
            pass

    smtp = Controller(Letters(), hostname="127.0.0.1", port=box.smtp_port)
    smtp.start()
    web = http.server.ThreadingHTTPServer(("127.0.0.1", box.http_port), Messages)
    threading.Thread(target=web.serve_forever, daemon=True).start()
    try:
        yield box
    finally:
        web.shutdown()
        smtp.stop()
