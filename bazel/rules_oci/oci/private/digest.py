"""digest.py LAYOUT OUT: writes the digest of a layout's image or index, and a line break."""

import sys
from pathlib import Path

import layout

if __name__ == "__main__":
    Path(sys.argv[2]).write_text(layout.root(Path(sys.argv[1]))["digest"] + "\n", encoding="utf-8")
