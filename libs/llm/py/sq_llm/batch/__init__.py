"""Requests that a service answers in batches: submitted once, however often the work is restarted."""

from sq_llm.batch.batches import Batches

__all__ = ["Batches"]
