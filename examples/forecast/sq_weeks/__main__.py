"""Writes query sets of made-up weeks, for a first forecast without a log: weeks OUT NUMBER.

They are at OUT/week-0, OUT/week-1, …
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from sq_weeks import traffic, write_week


def main(arguments: Sequence[str]) -> int:
    if len(arguments) != 2 or not arguments[1].isdecimal():
        print(__doc__, file=sys.stderr)
        return 2
    os.chdir(os.environ.get("BUILD_WORKING_DIRECTORY", "."))
    for week in range(int(arguments[1])):
        write_week(f"{arguments[0]}/week-{week}", week, traffic(week))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
