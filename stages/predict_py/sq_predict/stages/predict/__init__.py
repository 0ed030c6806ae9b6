"""Runs a loaded model on loaded artefacts."""
