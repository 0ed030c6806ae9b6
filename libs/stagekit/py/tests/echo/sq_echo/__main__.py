import json
import os
import subprocess
import sys

from sq_stagekit import Stage, StopHere, TryAgainError, Work, run_stage


def run(work: Work) -> None:
    if work.config.depth == 75:
        raise TryAgainError("the search service is away")
    if work.config.depth == 3:
        raise StopHere("no better than before")
    if work.config.depth == 1:
        raise RuntimeError("broken")
    fails = int(os.environ.get("ECHO_FAILS", 0))
    with work.phase("copy"):
        for reader in work.inputs["differences"]:
            for record in reader:
                if fails:
                    fails -= 1
                    work.unfinished["UNAVAILABLE"] += 1
                elif work.shard.contains(record.query_id):
                    work.write(record)
        if work.config.depth == 9:
            work.log.info("model usage", extra={"calls": 7, "usd": 0.25, "input_tokens": 100})
    if meanwhile := os.environ.get("ECHO_MEANWHILE"):
        subprocess.run(
            [sys.executable, "-m", "sq_echo", *sys.argv[1:]], env=os.environ | json.loads(meanwhile), check=True
        )
    work.note = os.environ.get("ECHO_NOTE", "")
    if page := os.environ.get("ECHO_PAGE"):
        work.add_page("report.html", page.encode())
    if os.environ.get("ECHO_ENDS"):
        raise TryAgainError("ended after its page")
    if work.config.depth == 15:
        os.kill(os.getpid(), 15)


if __name__ == "__main__":
    sys.exit(run_stage(Stage.beside(__file__), run))
