"""Moves production to a registered candidate, if it is better."""
