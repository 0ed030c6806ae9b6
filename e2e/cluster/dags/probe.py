"""Runs before a stage in a pod: probe.py MODE, then the stage's own arguments.

The mode `facts` prints what the container is like. The other modes fail, each in another way.
"""

import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from importlib import metadata
from pathlib import Path

STAGE = "sq-generate"
_FIRST = os.environ.get("SQ_TRY") == "1"


def main() -> None:
    # A signal does not end the first process of a container, unless the process handles it.
    signal.signal(signal.SIGTERM, lambda *_: os._exit(143))
    mode, arguments = sys.argv[1], sys.argv[2:]
    if mode == "facts":
        print(json.dumps({"probe": facts()}), flush=True)
    elif mode == "again" and _FIRST:
        print("the service is away", file=sys.stderr)
        sys.exit(75)
    elif mode == "bug":
        raise RuntimeError("this should not happen")
    elif mode == "wait" and _FIRST:
        print("waiting", flush=True)
        time.sleep(600)
    elif mode == "fill" and _FIRST:
        fill(Path("/scratch/filled"), 60)
    elif mode == "burn":
        burn(float(os.environ["BURN_SECONDS"]))
    elif mode in ("silent", "absent", "long"):
        hand_over({"silent": "", "absent": json.dumps(handoff(arguments)), "long": "x" * 5000}[mode])
        return
    elif mode == "wrong":
        subprocess.run([STAGE, *arguments], check=True)
        given = json.loads(Path(os.environ["SQ_HANDOFF"]).read_text())
        hand_over(json.dumps(given | {"digest": "sha256:" + "b" * 64}))
        return
    os.execvp(STAGE, [STAGE, *arguments])


def facts() -> dict:
    """What the container is like. Of secrets, only digests."""
    status = dict(line.split(":\t", 1) for line in Path("/proc/self/status").read_text().splitlines() if ":\t" in line)
    return {
        "arguments": sys.argv[1:],
        "environment": {name: os.environ.get(name) for name in ("FROM_SETTINGS", "AWS_REGION", "SQ_IMAGE_DIGEST")},
        "secret_environment": digest(os.environ.get("AWS_SECRET_ACCESS_KEY", "")),
        "secret_file": digest(read("/secrets/probe")),
        "token": Path("/var/run/secrets/kubernetes.io/serviceaccount").exists(),
        "user": [os.getuid(), os.getgid()],
        "capabilities": status["CapEff"],
        "no_new_privileges": status["NoNewPrivs"],
        "seccomp": status["Seccomp"],
        "writable": {place: writable(place) for place in ("/", "/tmp", "/scratch", "/data", "/probe")},
        "files": {place: sorted(os.listdir(place))[:50] for place in ("/data", "/probe")},
        "memory_limit": first("/sys/fs/cgroup/memory/memory.limit_in_bytes", "/sys/fs/cgroup/memory.max"),
        "cpu_limit": first("/sys/fs/cgroup/cpu/cpu.cfs_quota_us", "/sys/fs/cgroup/cpu.max"),
        "versions": {item.metadata["Name"].lower(): item.version for item in metadata.distributions()},
    }


def writable(place: str) -> bool:
    try:
        (Path(place) / ".probe").write_text("x")
    except OSError:
        return False
    return True


def first(*places: str) -> str:
    return next((Path(place).read_text().strip() for place in places if Path(place).exists()), "")


def read(place: str) -> str:
    return Path(place).read_text() if Path(place).exists() else ""


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def handoff(arguments: list[str]) -> dict:
    """A well-formed handoff of an artefact that does not exist."""
    given = dict(zip(arguments[::2], arguments[1::2], strict=False))
    return {
        "stage": "generate",
        "runId": given["--run-id"],
        "market": given["--market"],
        "uri": given["--output"],
        "digest": "sha256:" + "a" * 64,
        "messageType": "sq.v1.QuerySetRecord",
        "records": "1",
    }


def hand_over(text: str) -> None:
    Path(os.environ["SQ_HANDOFF"]).write_text(text)


def fill(path: Path, mebibytes: int) -> None:
    """Writes more than the pod's limit of storage, then waits for its eviction."""
    with path.open("wb") as file:
        for _ in range(mebibytes):
            file.write(os.urandom(1 << 20))
    print("waiting", flush=True)
    time.sleep(600)


def burn(seconds: float) -> None:
    end, turns = time.monotonic() + seconds, 0
    while time.monotonic() < end:
        turns += 1
    print(f"burnt {turns} turns", flush=True)


if __name__ == "__main__":
    main()
