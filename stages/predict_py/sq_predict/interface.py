"""The contract of one execution: a model says in its card what it reads and writes."""

from __future__ import annotations

from sq.v1.model_card_pb2 import ModelInterface
from sq.v1.stage_contract_pb2 import StageContract, StageInput, StageOutput
from sq_stagekit import InputError, messages

NAME = "predict"
_SUMMARY = "Runs a model of a bucket on artefacts."
_CONFIG = "sq.v1.PredictConfig"


def contract_of(interface: ModelInterface, model: str, field: str) -> StageContract:
    """The contract of sq-predict with a model.

    Raises:
        InputError: the model reads or writes records that this program does not know.
    """
    for message_type in (interface.output_type, *(item.message_type for item in interface.inputs)):
        try:
            messages.find(message_type)
        except KeyError as error:
            problem = f"the model {model} has records of {message_type!r}, which this program does not know"
            raise InputError(field, problem, "run it by the image of the release that it was made for") from error
    inputs = [StageInput(name=item.name, message_type=item.message_type, many=True) for item in interface.inputs]
    output = StageOutput(message_type=interface.output_type)
    return StageContract(name=NAME, summary=_SUMMARY, inputs=inputs, output=output, config_type=_CONFIG)


def any_contract() -> StageContract:
    """The contract before the model is known: it has the flags of every model."""
    return StageContract(name=NAME, summary=_SUMMARY, config_type=_CONFIG)
