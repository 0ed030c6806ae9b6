"""Measures of a ranking by the grades of its products."""

from sq_measures.ndcg import ndcg

__all__ = ["ndcg"]
