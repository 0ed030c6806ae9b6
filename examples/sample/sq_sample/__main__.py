"""python -m sq_sample --out DIR [--seed N] [--plant none|all] [--clicks]"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from sq_sample.market import write_sample
from sq_sample.plans import EVERYTHING, NOTHING

_PLANS = {"all": EVERYTHING, "none": NOTHING}


def main() -> int:
    parser = argparse.ArgumentParser(prog="sq_sample", description="Writes the sample shop into a folder.")
    parser.add_argument("--out", type=Path, required=True, help="folder to write into; made where it is missing")
    parser.add_argument("--seed", type=int, default=7, help="the same seed gives the same bytes")
    parser.add_argument("--plant", choices=sorted(_PLANS), default="all", help="failures to plant")
    parser.add_argument("--clicks", action="store_true", help="write what customers click, too")
    arguments = parser.parse_args()
    try:
        write_sample(arguments.out, arguments.seed, _PLANS[arguments.plant], with_clicks=arguments.clicks)
    except OSError as error:
        print(f"sq_sample: --out: {error}; give a folder that can be written", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
