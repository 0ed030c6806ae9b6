"""A writer is killed between any two writes: the next writer must publish, and no reader sees half an artefact."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from sq.v1.manifest_pb2 import Provenance
from sq.v1.tag_difference_pb2 import TagDifference
from sq_handoff import ArtefactReader, ArtefactWriter, NotFound, Store

RECORDS = [TagDifference(query_id=f"q{n}", segment_id="s") for n in range(6)]
PUTS = len(RECORDS) + 1  # a part for each record, and the manifest


def write(uri: str) -> None:
    writer = ArtefactWriter(uri, TagDifference, part_bytes=1)
    for record in RECORDS:
        writer.write(record)
    writer.publish(Provenance(stage="test"))


def die_at(moment: int) -> None:
    """Kills this process just before its put of that number, counted from 0."""
    puts = 0

    def deadly(method):
        def put(self, name: str, data: bytes):
            nonlocal puts
            if puts == moment:
                os.kill(os.getpid(), signal.SIGKILL)
            puts += 1
            return method(self, name, data)

        return put

    Store.put = deadly(Store.put)
    Store.put_once = deadly(Store.put_once)


@pytest.mark.parametrize("moment", range(PUTS + 1))
def test_a_kill_between_two_writes_leaves_nothing_visible_and_nothing_in_the_way(moment: int, tmp_path: Path) -> None:
    uri = str(tmp_path / "out")
    child = subprocess.run(
        [sys.executable, __file__, str(moment), uri],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        check=False,
    )
    if moment < PUTS:
        assert child.returncode == -signal.SIGKILL
        with pytest.raises(NotFound):
            ArtefactReader.open(uri, TagDifference)
    else:
        assert child.returncode == 0
    write(uri)
    assert list(ArtefactReader.open(uri, TagDifference)) == RECORDS


if __name__ == "__main__":
    die_at(int(sys.argv[1]))
    write(sys.argv[2])
