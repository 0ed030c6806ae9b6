"""Trains a judge from judgments."""
