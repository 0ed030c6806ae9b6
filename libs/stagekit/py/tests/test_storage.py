"""What a stage says, and its exit code, when its storage is away or refuses."""

import json
import socket
from pathlib import Path

from stage_process import echo, flags


def test_storage_that_is_away_ends_with_75(differences: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        env = {
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{taken.getsockname()[1]}",
            "AWS_ACCESS_KEY_ID": "a",
            "AWS_SECRET_ACCESS_KEY": "b",
            "AWS_REGION": "us-east-1",
        }
        done = echo(*flags(differences, "s3://lake/out"), **env)
    assert done.returncode == 75, done.stderr
    said = json.loads(done.stderr.splitlines()[-1])
    assert said["message"].startswith("cannot read s3://lake/out/manifest.json: ")
    assert "bug" not in done.stderr


def test_storage_that_refuses_ends_with_2_and_no_traceback(differences: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    done = echo(*flags(differences, tmp_path / "file" / "out"))
    assert done.returncode == 2, done.stderr
    assert "cannot write" in done.stderr
    assert "Traceback" not in done.stderr
