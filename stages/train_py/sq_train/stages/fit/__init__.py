"""Trains a judge on the labels that are not kept apart."""
