"""The program sq-generate."""

import sys

from sq_generate.run import run
from sq_stagekit import Stage, run_stage


def main() -> int:
    return run_stage(Stage.beside(__file__), run)


if __name__ == "__main__":
    sys.exit(main())
