from collections.abc import Iterator
from pathlib import Path

import pytest
from local_servers import s3_bucket


@pytest.fixture(scope="session")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with s3_bucket(tmp_path_factory.mktemp("s3")) as uri:
        yield uri


@pytest.fixture(params=["file", "s3"])
def bucket(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty bucket of models, on files and on an S3 server."""
    if request.param == "file":
        return str(tmp_path / "bucket")
    return f"{request.getfixturevalue('s3')}/{tmp_path.name}"


@pytest.fixture(autouse=True)
def keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The keys of this machine, none at first."""
    folder = tmp_path / "keys"
    monkeypatch.setenv("SQ_KEYS", str(folder))
    return folder
