"""The judges. A new one is a field of the oneof `judge` of sq.v1.EvaluateConfig, a class, and an entry of JUDGES."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from sq.v1.evaluate_config_pb2 import EvaluateConfig
from sq_evaluate.judge import Judge
from sq_evaluate.judges.baseline import BaselineJudge
from sq_evaluate.judges.people import PeopleJudge
from sq_stagekit import Work


def _openai(work: Work) -> Judge:
    # The client takes a second to import, which runs with other judges need not spend.
    from sq_evaluate.judges.openai_judge import OpenAiJudge

    return OpenAiJudge.of(work)


def _trained(work: Work) -> Judge:
    # So do ONNX Runtime and the check of signatures.
    from sq_evaluate.judges.trained import TrainedJudge

    return TrainedJudge.of(work)


def _cascade(work: Work) -> Judge:
    from sq_evaluate.judges.cascade import CascadeJudge, FirstJudge

    config = EvaluateConfig()
    config.CopyFrom(work.config)
    then = work.config.cascade.then
    name = then.WhichOneof("judge")
    getattr(config, name).CopyFrom(getattr(then, name))
    inner = replace(work, config=config)
    made = CascadeJudge(FirstJudge.of(work.config.cascade, work), JUDGES[name](inner))
    if inner.spending:
        work.spend(inner.spending)
    return made


# By the name of the field in the oneof.
JUDGES: dict[str, Callable[[Work], Judge]] = {
    "baseline": BaselineJudge.of,
    "cascade": _cascade,
    "openai": _openai,
    "people": PeopleJudge.of,
    "trained": _trained,
}


def make_judge(work: Work) -> Judge:
    """The judge that the configuration names.

    Raises:
        InputError: the judge's configuration cannot work.
        NotImplementedError: the judge is in the contract, but not in JUDGES.
    """
    name = work.config.WhichOneof("judge")
    if name not in JUDGES:
        raise NotImplementedError(f"EvaluateConfig.{name} has no judge: add it to JUDGES in sq_evaluate/judges")
    return JUDGES[name](work)
