"""The program sq-diagnose."""

from __future__ import annotations

import sys

from sq_diagnose.run import run
from sq_stagekit import Stage, run_stage

if __name__ == "__main__":
    sys.exit(run_stage(Stage.beside(__file__), run))
