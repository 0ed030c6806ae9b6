"""Calls a paid language model by the OpenAI API: within a budget, and never twice for the same request."""

from sq_llm.answer_text import read_objects
from sq_llm.answers import PaidAnswers, kept_answers
from sq_llm.budget import Budget
from sq_llm.cache import Entries, Objects, Place, Tally, place_at
from sq_llm.calls import Calls
from sq_llm.completion import Completion
from sq_llm.endpoint import Endpoint, Form
from sq_llm.failure import CallFailed, Failure, MalformedCompletionError, Scope, classify
from sq_llm.health import Health
from sq_llm.limits import Limits
from sq_llm.model import Paid, PaidModel
from sq_llm.request_size import pictures_in, size_of, texts_of
from sq_llm.usage import Size, Usage

__all__ = [
    "Budget",
    "CallFailed",
    "Calls",
    "Completion",
    "Endpoint",
    "Failure",
    "Entries",
    "Form",
    "Health",
    "Limits",
    "MalformedCompletionError",
    "Objects",
    "Paid",
    "PaidAnswers",
    "PaidModel",
    "Place",
    "Scope",
    "Size",
    "Tally",
    "Usage",
    "classify",
    "kept_answers",
    "pictures_in",
    "place_at",
    "read_objects",
    "size_of",
    "texts_of",
]
