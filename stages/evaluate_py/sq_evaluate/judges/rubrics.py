"""The rubrics by the setting that chooses them."""

from __future__ import annotations

from sq.v1.evaluate_config_pb2 import RUBRIC_FACETS, RUBRIC_UNSPECIFIED, RUBRIC_WHOLE, OpenAiJudge
from sq_evaluate.judges.facets import Facets
from sq_evaluate.judges.rubric import Rubric
from sq_evaluate.judges.whole import Whole

RUBRICS: dict[int, type[Rubric]] = {RUBRIC_UNSPECIFIED: Whole, RUBRIC_WHOLE: Whole, RUBRIC_FACETS: Facets}


def rubric_of(config: OpenAiJudge, field: str = "openai") -> Rubric:
    """The rubric that a judge's settings describe, with its prompt.

    Args:
        field: path of `config`, for errors.

    Raises:
        InputError, TryAgainError: the prompt file cannot be used.
    """
    shown = [name for name in ("guideline", "pictures") if config.HasField(name)]
    return RUBRICS[config.rubric](config.prompt_uri, f"{field}.prompt_uri", shown, config.pictures.detail)
