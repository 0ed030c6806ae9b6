"""An S3 server."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sq_cluster.servers import server
from sq_e2e.servers import free_port


@dataclass(frozen=True)
class Storage:
    """An S3 server."""

    url: str
    access_key: str
    secret_key: str

    @property
    def environment(self) -> dict[str, str]:
        return {
            "AWS_ENDPOINT_URL": self.url,
            "AWS_REGION": "us-east-1",
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_ACCESS_KEY_ID": self.access_key,
            "AWS_SECRET_ACCESS_KEY": self.secret_key,
        }


@contextmanager
def storage(program: Path, folder: Path, host: str, buckets: Sequence[str]) -> Iterator[Storage]:
    """versitygw over a folder: objects on s3:// for the pods, and files for the checks."""
    for bucket in buckets:
        (folder / "data" / bucket).mkdir(parents=True)
    port, key, secret = free_port(host), "sq-stages", secrets.token_hex(16)
    command = [program, "--port", f"{host}:{port}", "posix", folder / "data"]
    keys = {"ROOT_ACCESS_KEY": key, "ROOT_SECRET_KEY": secret}
    with server(command, folder / "log", (host, port), **keys):
        yield Storage(f"http://{host}:{port}", key, secret)
