#!/usr/bin/python3.11
"""sq-all --mode STAGE ...: runs the program of one stage with the following arguments."""

import os
import sys
from pathlib import Path

PROGRAMS = Path(__file__).resolve().parent


def main(arguments: list[str]) -> int:
    """Returns 2 unless the mode is a stage; otherwise it does not return."""
    mode, rest = "", arguments
    if arguments and arguments[0].startswith("--mode="):
        mode, rest = arguments[0].removeprefix("--mode="), arguments[1:]
    elif arguments[:1] == ["--mode"] and len(arguments) > 1:
        mode, rest = arguments[1], arguments[2:]
    modes = sorted(path.name.removeprefix("sq-") for path in PROGRAMS.glob("sq-*") if path.name != "sq-all")
    if mode in modes:
        program = str(PROGRAMS / f"sq-{mode}")
        os.execv(program, [program, *rest])
    print(f"--mode: {mode or 'missing'}; put --mode first, with one of {', '.join(modes)}", file=sys.stderr)
    return 0 if arguments[:1] in (["--help"], ["-h"]) else 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
