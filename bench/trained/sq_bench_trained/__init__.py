"""Measures the trained judge: the tables of docs/models.md."""
