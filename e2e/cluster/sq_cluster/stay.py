"""`bazel run //deploy:airflow`: Airflow against the cluster, over the sample market, until Ctrl-C."""

from __future__ import annotations

import os
import signal
import sys
import tempfile
import threading
from pathlib import Path

from sq_cluster.runs import Runs
from sq_cluster.start import world


def main() -> int:
    home = Path(os.environ.get("SQ_KUBE_HOME") or Path.home() / ".cache/sq-kube").absolute()
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: stopped.set())
    with tempfile.TemporaryDirectory(prefix="sq-airflow-") as folder:
        Path(folder).chmod(0o755)
        with world(Path(folder), home, clusters=[1], checks=False) as made:
            Runs(made).await_dag("search_quality")
            print(f"Airflow       {made.airflow.url}/dags/search_quality")
            print(f"command line  {made.airflow.write_command()} dags list-runs search_quality")
            print(f"cluster       export KUBECONFIG={home}/run1/admin.kubeconfig PATH={home}/bin:$PATH")
            print(f"artefacts     {made.artefacts}")
            print("Press Ctrl-C to stop everything.", flush=True)
            # Python runs signal handlers only in this thread. A signal that another thread receives does not wake it.
            while not stopped.wait(1):
                pass
    return 0


if __name__ == "__main__":
    sys.exit(main())
