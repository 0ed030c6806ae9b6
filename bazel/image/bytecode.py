"""Byte code that Python does not check against its source, so that it stays valid in a read-only image.

Its bytes depend on the sources that one process compiles, their order, and PYTHONHASHSEED. Callers fix all three.
"""

from __future__ import annotations

import importlib.util
import marshal
import sys
from importlib.machinery import SOURCE_SUFFIXES
from pathlib import PurePosixPath

from archive import Layer

_UNCHECKED_HASH = 0b01


def compile_source(source: bytes, path: str) -> bytes | None:
    """The .pyc of a source at /path in the image, or None if the source is for another version of Python."""
    try:
        code = compile(source, f"/{path}", "exec", dont_inherit=True, optimize=0)
    except (SyntaxError, ValueError):
        # Wheels have templates, and files for other versions.
        return None
    header = importlib.util.MAGIC_NUMBER + _UNCHECKED_HASH.to_bytes(4, "little")
    return header + importlib.util.source_hash(source) + marshal.dumps(code)


def add_byte_code(layer: Layer) -> None:
    """Adds the byte code of every Python source in a layer."""
    for path, (info, source) in sorted(layer.entries.items()):
        if info.isreg() and path.endswith(SOURCE_SUFFIXES[0]):
            code = compile_source(source, path)
            if code:
                name = PurePosixPath(path)
                layer.add_file(
                    str(name.parent / "__pycache__" / f"{name.stem}.{sys.implementation.cache_tag}.pyc"), code
                )
