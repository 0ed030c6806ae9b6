"""Calls a paid language model by the OpenAI API: within a budget, and never twice for the same request."""

from sq_llm.answers import PaidAnswers
from sq_llm.budget import Budget, Limits
from sq_llm.calls import Calls
from sq_llm.completion import Completion, MalformedCompletionError
from sq_llm.model import Paid, PaidModel, connect
from sq_llm.usage import Usage, estimate

__all__ = [
    "Budget",
    "Calls",
    "Completion",
    "Limits",
    "MalformedCompletionError",
    "Paid",
    "PaidAnswers",
    "PaidModel",
    "Usage",
    "connect",
    "estimate",
]
