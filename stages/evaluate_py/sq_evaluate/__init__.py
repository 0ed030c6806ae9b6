"""Judges how relevant the retrieved products are for each query."""
