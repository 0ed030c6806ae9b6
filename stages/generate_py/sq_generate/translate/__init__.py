"""Translation of queries for a market in another language."""
