"""`bazel run //e2e:opensearch`: the whole pipeline over a real catalogue in a real OpenSearch.

Needs the data of `places.shared_data`: the Chorus catalogue, its judgments by people, and a UBI log.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path

from sq_e2e import servers
from sq_e2e.checks import Checks
from sq_e2e.chorus.agreement import check_judge
from sq_e2e.chorus.bad_runs import BAD_RUNS, check_bad_runs
from sq_e2e.chorus.data import Chorus
from sq_e2e.chorus.index import load
from sq_e2e.chorus.logs_and_artefacts import check_bad_files, check_log
from sq_e2e.chorus.pipeline import check_pipeline
from sq_e2e.places import OPENSEARCH, shared_data


@contextmanager
def _folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="sq-opensearch-") as name:
        Path(name).chmod(0o755)  # OpenSearch runs as another user
        yield Path(name)


def main() -> int:
    checks = Checks()
    with ExitStack() as stack:
        folder = stack.enter_context(_folder())
        chorus = Chorus.at(shared_data(), folder)
        environment = os.environ | {"XDG_STATE_HOME": str(folder / "state"), "BUILD_WORKING_DIRECTORY": str(folder)}
        (folder / "server").mkdir(mode=0o755)
        # The unreachable endpoint is retried for minutes, so these runs go on beside the other checks.
        pool = stack.enter_context(ThreadPoolExecutor(1))
        ended = {bad: pool.submit(bad.run, chorus, environment) for bad in BAD_RUNS}
        with servers.opensearch(OPENSEARCH, folder / "server") as url:
            with checks.check("OpenSearch holds the catalogue"):
                count = load(url, chorus)
                assert count == sum(1 for _ in chorus.documents()) == 19406
            check_pipeline(checks, chorus, url, environment)
        check_judge(checks, chorus, environment)
        check_log(checks, chorus, environment)
        check_bad_files(checks, chorus, environment)
        check_bad_runs(checks, chorus, ended)
    return checks.close()


if __name__ == "__main__":
    sys.exit(main())
