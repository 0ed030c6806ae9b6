"""A small server of the OpenAI API's chat completions for tests, with deterministic answers and faults on demand."""

from sq_llm_server.faults import Faults
from sq_llm_server.server import LlmServer, Raw, completion

__all__ = ["Faults", "LlmServer", "Raw", "completion"]
