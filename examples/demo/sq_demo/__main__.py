"""`bazel run //:demo`: the whole pipeline over the sample shop in two markets."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from sq_cli.__main__ import main as sq
from sq_demo.judges import signed_judges
from sq_demo.search import search_service

_ROOT = Path(__file__).absolute().parents[3]


def main() -> int:
    sample = _ROOT / "examples/sample/market"
    workspace = Path(os.environ.get("BUILD_WORKING_DIRECTORY", ".")).absolute() / "sq-runs"
    os.environ.setdefault("SQ_WORKSPACE", str(workspace))
    os.environ.setdefault("SQ_KEYS", str(workspace / "keys"))
    os.environ["SQ_JUDGES"] = str(signed_judges(_ROOT / "examples/demo/judges", workspace / "judges"))
    with search_service(_ROOT / "examples/searchd/sq-searchd", sample) as url:
        os.environ["SQ_SEARCH_URL"] = url
        sys.argv = ["sq", "run", str(sample / "sample-trained.yaml"), *sys.argv[1:]]
        return sq()


if __name__ == "__main__":
    sys.exit(main())
