import pytest

from sq.v1.manifest_pb2 import InputArtefact, Provenance
from sq.v1.report_pb2 import RunReport
from sq_cli.commands.show import report_of
from sq_handoff import ArtefactWriter


def publish(run, place: str, markets: int) -> None:
    writer = ArtefactWriter(f"{run}/all-markets/{place}", RunReport)
    writer.write(RunReport())
    writer.publish(Provenance(stage="consolidate", inputs=[InputArtefact(name=str(n)) for n in range(markets)]))


@pytest.mark.parametrize(
    ("places", "shown"),
    [
        ({"consolidate": 3, "consolidate-without-de": 2}, "consolidate"),
        ({"consolidate-without-de-fr": 1, "consolidate-without-uk": 2}, "consolidate-without-uk"),
        ({}, "consolidate"),
    ],
)
def test_the_report_over_most_markets_is_shown(places: dict[str, int], shown: str, tmp_path) -> None:
    for place, markets in places.items():
        publish(tmp_path, place, markets)
    assert report_of(str(tmp_path)) == f"{tmp_path}/all-markets/{shown}"
