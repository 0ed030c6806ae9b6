from collections.abc import Iterator

import pytest
from local_servers import s3_bucket


@pytest.fixture(scope="session")
def bucket(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """s3:// URI of an empty bucket on a local S3 server; AWS_* point at the server."""
    with s3_bucket(tmp_path_factory.mktemp("s3")) as uri:
        yield uri
