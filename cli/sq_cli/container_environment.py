"""The environment variables that a stage gets in its container."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from sq_cli.images import Image
from sq_cli.places import secret_variables
from sq_cli.plan import Task

CREDENTIALS_FILE = "GOOGLE_APPLICATION_CREDENTIALS"
_PASSED = ("SQ_LOG_LEVEL", "TRACEPARENT")
_PASSED_PREFIX = "OTEL_"
# What the clients of s3:// and gs:// read.
_OF_STORES = (
    "AWS_ACCESS_KEY_ID",
    "AWS_DEFAULT_REGION",
    "AWS_EC2_METADATA_DISABLED",
    "AWS_ENDPOINT_URL",
    "AWS_ENDPOINT_URL_S3",
    "AWS_REGION",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    CREDENTIALS_FILE,
)


def container_environment(
    task: Task, image: Image, attempt: int, handoff_file: Path, passed: Iterable[str], *, stores: bool
) -> dict[str, str]:
    """Variables of this process that the contract, the configuration or the user names, and the stage's own.

    Args:
        handoff_file: inside the container.
        passed: names that the user added.
        stores: the stage reads or writes s3:// or gs://.
    """
    contract = task.contract
    names = {*_PASSED, *passed, *secret_variables(task.config)}
    names.update(variable.name for variable in contract.env)
    names.update(secret.env for secret in contract.secrets if secret.env)
    names.update(name for name in os.environ if name.startswith(_PASSED_PREFIX))
    if stores:
        names.update(_OF_STORES)
    return {name: os.environ[name] for name in sorted(names) if name in os.environ} | {
        "SQ_HANDOFF": str(handoff_file),
        "SQ_IMAGE_DIGEST": image.digest,
        "SQ_GIT_REVISION": image.git_revision or os.environ.get("SQ_GIT_REVISION", ""),
        "SQ_TRY": str(attempt),
    }
