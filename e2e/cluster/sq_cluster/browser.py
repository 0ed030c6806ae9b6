"""A headless browser, driven by Chrome's DevTools protocol."""

from __future__ import annotations

import base64
import itertools
import json
import os
import shutil
import signal
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from websocket import WebSocket, create_connection

_START_SECONDS = 60
# JavaScript: scrolls an element into view and returns its middle.
_MIDDLE = """e => {
    e.scrollIntoView({block: "center"});
    const box = e.getBoundingClientRect();
    return [box.x + box.width / 2, box.y + box.height / 2];
}"""


class Browser:
    """One page of a running browser."""

    def __init__(self, socket: WebSocket) -> None:
        self._socket = socket
        self._numbers = itertools.count(1)

    def open(self, url: str) -> None:
        self._call("Page.navigate", url=url)

    def size(self, width: int, height: int) -> None:
        """Sets the size of the page, in pixels."""
        self._call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)

    def evaluate(self, script: str) -> Any:
        """Returns the value of a JavaScript expression. Raises RuntimeError if it throws."""
        answer = self._call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            raise RuntimeError(f"{script}: {answer['exceptionDetails']}")
        return answer["result"].get("value")

    def wait(self, script: str, seconds: float = 90) -> Any:
        """Waits until an expression is true and returns its value. Raises AssertionError with the page's text."""
        deadline = time.monotonic() + seconds
        while not (value := self.evaluate(script)):
            if time.monotonic() > deadline:
                raise AssertionError(f"still false after {seconds} s: {script}\n{self.text()[:3000]}")
            time.sleep(0.5)
        return value

    def text(self) -> str:
        return self.evaluate("document.body ? document.body.innerText : ''")

    def click(self, script: str) -> None:
        """Clicks an element with the mouse, once it exists and no longer moves.

        Args:
            script: expression for the element.
        """
        self.wait(f"!!({script})")
        place, before = self.evaluate(f"({_MIDDLE})({script})"), None
        while place != before:
            time.sleep(0.5)
            place, before = self.evaluate(f"({_MIDDLE})({script})"), place
        x, y = place
        for kind in ("mousePressed", "mouseReleased"):
            self._call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    def write(self, text: str) -> None:
        """Replaces what the focused field holds."""
        self._key("a", "KeyA", 65, modifiers=2, commands=["selectAll"])
        self.insert(text)

    def insert(self, text: str) -> None:
        """Adds to what the focused field holds."""
        self._call("Input.insertText", text=text)

    def press(self, key: str, code: int) -> None:
        self._key(key, key, code)

    def screenshot(self, file: Path) -> None:
        """Writes what is seen as a PNG."""
        file.write_bytes(base64.b64decode(self._call("Page.captureScreenshot", format="png")["data"]))

    def _key(self, key: str, code: str, number: int, **more: Any) -> None:
        for kind in ("keyDown", "keyUp"):
            self._call("Input.dispatchKeyEvent", type=kind, key=key, code=code, windowsVirtualKeyCode=number, **more)

    def _call(self, method: str, **parameters: Any) -> dict:
        number = next(self._numbers)
        self._socket.send(json.dumps({"id": number, "method": method, "params": parameters}))
        while True:
            answer = json.loads(self._socket.recv())
            if answer.get("id") != number:
                continue
            if "error" in answer:
                raise RuntimeError(f"{method}: {answer['error']}")
            return answer["result"]


@contextmanager
def browser(folder: Path, width: int = 1280, height: int = 900) -> Iterator[Browser]:
    """Debian's Chromium with an empty profile in a folder.

    Raises:
        RuntimeError: Chromium is missing, or does not start.
    """
    program = shutil.which("chromium")
    if not program:
        raise RuntimeError("chromium is not installed: run apt-get install chromium")
    command = [program, "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"]
    command += [f"--window-size={width},{height}", "--remote-debugging-port=0", f"--user-data-dir={folder}"]
    command += ["--hide-scrollbars", "--disable-background-networking", "--no-proxy-server"]
    process = subprocess.Popen(
        [*command, "about:blank"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    try:
        socket = create_connection(_page(folder, process), timeout=120, suppress_origin=True)
        try:
            yield Browser(socket)
        finally:
            socket.close()
    finally:
        # All its processes: one that still writes to the profile would make the removal of the folder fail.
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _page(folder: Path, process: subprocess.Popen) -> str:
    """The address of the DevTools of its page."""
    file, deadline = folder / "DevToolsActivePort", time.monotonic() + _START_SECONDS
    while not (file.exists() and file.read_text().strip()):
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"chromium did not start within {_START_SECONDS} s")
        time.sleep(0.1)
    port = file.read_text().split()[0]
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/json/list", timeout=30) as answer:
        pages = json.loads(answer.read())
    return next(page["webSocketDebuggerUrl"] for page in pages if page["type"] == "page")
