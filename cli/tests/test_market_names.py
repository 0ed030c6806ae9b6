"""A market has no name that a stage, a task or the run's own folder has."""

import pytest

from sq.v1.pipeline_pb2 import Node, Pipeline, RenderedPipeline
from sq.v1.run_config_pb2 import MarketConfig, RunConfig
from sq_cli.market_names import check_market_names
from sq_stagekit import InputError

PIPELINE = RenderedPipeline(pipeline=Pipeline(nodes=[Node(name="probe-retrieve"), Node(name="consolidate")]))


def config(*names: str) -> RunConfig:
    return RunConfig(markets=[MarketConfig(market=name) for name in names])


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("all-markets", "is the folder of the whole run"),
        ("consolidate", "is the name of a stage"),
        ("probe-retrieve", "is the name of a stage"),
        ("verdict", "is the name of a task in Airflow"),
    ],
)
def test_a_name_that_is_taken_is_refused(name: str, message: str) -> None:
    with pytest.raises(InputError, match=message) as caught:
        check_market_names(config("uk", name), PIPELINE)
    assert caught.value.field == "markets[1].market"


def test_other_names_are_taken() -> None:
    check_market_names(config("uk", "de", "retrieve-shop"), PIPELINE)
