"""`bazel run //e2e:images`, as root: checks images with other tools, and the pipeline from images.

Installs nothing, and names missing packages. Ends with 'N passed, N failed'.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from sq_e2e.checks import Checks
from sq_e2e.shop import shop
from sq_images.pipeline import check_pipeline
from sq_images.site import missing_packages, site
from sq_images.tools import check_tools
from sq_stagekit.errors import EXIT_BAD_INPUT

# Slow enough for the checks to interrupt the judge.
_JUDGE_SECONDS = 0.1


def main() -> int:
    missing = missing_packages()
    if missing:
        print(f"packages are missing: run apt-get install --no-install-recommends {' '.join(missing)}", file=sys.stderr)
    if os.geteuid() != 0:
        print("containerd needs root: run this command as root", file=sys.stderr)
    if missing or os.geteuid() != 0:
        return EXIT_BAD_INPUT
    checks = Checks()
    with tempfile.TemporaryDirectory(prefix="sq-images-") as name:
        folder = Path(name)
        (folder / "shop").mkdir()
        with site(folder) as here, shop(folder / "shop", _JUDGE_SECONDS) as market:
            check_tools(here, checks)
            check_pipeline(here, market, checks)
    return checks.close()


if __name__ == "__main__":
    sys.exit(main())
