"""Runs a model of a bucket on artefacts."""
