"""Compares a candidate with the judge in production, on labels that neither saw."""
