"""requirements.py OUT LOCK...: writes one requirements.txt of all wheels that the locks pin."""

from __future__ import annotations

import re
import sys
from pathlib import Path

# A distribution, its version, and the lines with its hashes.
_PIN = re.compile(r"^([A-Za-z0-9._-]+)==.*(?:\n[ \t]+.*)*", re.MULTILINE)
_COMMENT = re.compile(r"\n[ \t]+#.*")


def merged(locks: list[Path]) -> str:
    """The pins of all locks, once each, by name.

    Raises:
        SystemExit: two locks pin a distribution differently.
    """
    pins: dict[str, tuple[str, Path]] = {}
    for lock in locks:
        for pin in _PIN.finditer(lock.read_text(encoding="utf-8")):
            # A comment says who needs it, which differs from lock to lock.
            own = _COMMENT.sub("", pin[0])
            text, other = pins.setdefault(pin[1], (own, lock))
            if text != own:
                sys.exit(f"{pin[1]}: {lock} and {other} pin different versions: run bazelw run //bazel/image:lock")
    return "".join(f"{text}\n" for _, (text, _) in sorted(pins.items()))


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(merged([Path(lock) for lock in sys.argv[2:]]), encoding="utf-8")
