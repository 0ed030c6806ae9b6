from pathlib import Path

import pytest

from sq.v1.manifest_pb2 import Provenance
from sq.v1.tag_difference_pb2 import TagDifference
from sq_handoff import ArtefactWriter


@pytest.fixture
def differences(tmp_path: Path) -> str:
    """Twenty records."""
    writer = ArtefactWriter(str(tmp_path / "in"), TagDifference)
    for number in range(20):
        writer.write(TagDifference(query_id=f"q{number}", segment_id=f"s{number:02}"))
    writer.publish(Provenance(stage="test"))
    return str(tmp_path / "in")
