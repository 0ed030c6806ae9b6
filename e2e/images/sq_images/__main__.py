"""`bazel run //e2e:images`, as root: push, pull and run by other tools, and the whole pipeline from images.

Installs nothing; says what is missing. Ends with 'N passed, N failed'.
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

# So slow that the pipeline can be met in the middle of judging.
_JUDGE_SECONDS = 0.1


def main() -> int:
    missing = missing_packages()
    if missing:
        print(f"missing: apt-get install --no-install-recommends {' '.join(missing)}", file=sys.stderr)
    if os.geteuid() != 0:
        print("containerd needs the rights of root: run this as root", file=sys.stderr)
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
