"""`sq judge`: which judges --judge takes."""

from pathlib import Path

import pytest

from sq.v1.evaluate_config_pb2 import EvaluateConfig
from sq_cli.commands.judge import judge
from sq_cli.rating import judge_fields
from sq_stagekit.config import parse_config
from sq_stagekit.errors import InputError

NAMES = [field.name for field in EvaluateConfig.DESCRIPTOR.oneofs_by_name["judge"].fields]


@pytest.mark.parametrize("name", NAMES)
def test_every_judge_of_the_contract_is_taken_or_names_the_setting_it_needs(name):
    try:
        fields = judge_fields(name)
    except InputError as error:
        assert error.problem.startswith(f"{name} needs settings: {name}.")
        assert f"--judge '{{{name}: {{FIELD: VALUE}}}}'" in error.fix
    else:
        assert parse_config(fields, EvaluateConfig, "--judge").WhichOneof("judge") == name


def test_a_judge_with_settings_is_yaml():
    assert judge_fields("{people: {uri: ratings.csv}}") == {"people": {"uri": "ratings.csv"}}


def test_yaml_needs_no_outer_braces():
    assert judge_fields("people: {uri: ratings.csv}") == {"people": {"uri": "ratings.csv"}}


def test_an_unknown_judge_is_refused_with_the_known_ones():
    with pytest.raises(InputError, match="there is no judge 'oracle'; give one of baseline, openai, people"):
        judge_fields("oracle")


@pytest.mark.parametrize(("name", "problem"), [("none/out.csv", "there is no folder"), ("", "is a folder")])
def test_a_place_that_cannot_be_written_is_refused_before_anything_is_read_or_paid_for(tmp_path, name, problem):
    nothing = Path("/nonexistent")
    with pytest.raises(InputError, match=problem):
        judge("baseline", catalogue=nothing, pairs=nothing, out=tmp_path / name)
    assert not list(tmp_path.iterdir())
