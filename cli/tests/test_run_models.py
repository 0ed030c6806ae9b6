"""A run keeps the version of a model that was in production at its first start."""

import pytest
from small_module import write_module

from sq.v1.run_config_pb2 import RunConfig
from sq_cli.run_models import FILE, pin_models
from sq_models import Registry, parse_reference, promote, verified_copy
from sq_stagekit.errors import InputError


@pytest.fixture
def judge(tmp_path, monkeypatch):
    """BUCKET/NAME of a model with the versions v1 and v2, neither in production."""
    monkeypatch.setenv("SQ_KEYS", str(tmp_path / "keys"))
    uri = str(tmp_path / "bucket" / "judge")
    for number in (1, 2):
        with verified_copy(str(write_module(tmp_path / f"v{number}", number)), "model") as copy:
            Registry(parse_reference(uri, "model"), "model").register(copy, f"v{number}")
    return uri


def move(uri, version):
    promote(parse_reference(f"{uri}@{version}", "model"), "", "model")


def pinned(run, *models):
    config = RunConfig(markets=[{"market": f"m{place}"} for place in range(len(models))])
    for market, model in zip(config.markets, models, strict=True):
        market.evaluate.trained.model_uri = model
    pin_models(config, str(run))
    return [market.evaluate.trained.model_uri for market in config.markets]


def test_all_markets_get_the_version_in_production(judge, tmp_path):
    move(judge, "v1")
    asked = f"{judge}@production"
    assert pinned(tmp_path / "run", asked, asked) == [f"{judge}@v1"] * 2


def test_a_resumed_run_keeps_its_version_and_a_new_one_gets_the_next(judge, tmp_path):
    move(judge, "v1")
    asked = f"{judge}@production"
    assert pinned(tmp_path / "run", asked) == [f"{judge}@v1"]
    move(judge, "v2")
    assert pinned(tmp_path / "run", asked) == [f"{judge}@v1"]
    assert pinned(tmp_path / "later", asked) == [f"{judge}@v2"]


def test_what_does_not_move_is_left_alone_and_nothing_is_kept(judge, tmp_path):
    given = [f"{judge}@v2", str(tmp_path / "model"), ""]
    assert pinned(tmp_path / "run", *given) == given
    assert not (tmp_path / "run").exists()


def test_nothing_in_production_is_bad_input_and_nothing_is_kept(judge, tmp_path):
    with pytest.raises(InputError, match="no version of .* is in production"):
        pinned(tmp_path / "run", f"{judge}@production")
    assert not (tmp_path / "run").exists()


def test_a_damaged_file_is_named(judge, tmp_path):
    move(judge, "v1")
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / FILE).write_text("[1]")
    with pytest.raises(InputError, match="is damaged"):
        pinned(tmp_path / "run", f"{judge}@production")
