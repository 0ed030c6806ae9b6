"""A stand-in for a paid model: the OpenAI API with known answers, and faults on demand."""

from sq_llm_server.batch_faults import BatchFaults
from sq_llm_server.faults import Faults
from sq_llm_server.latency import Latency
from sq_llm_server.limits import RateLimits
from sq_llm_server.replies import Raw, completion
from sq_llm_server.server import LlmServer

__all__ = ["BatchFaults", "Faults", "Latency", "LlmServer", "RateLimits", "Raw", "completion"]
