"""Compares what a query meant with its translation and with what was retrieved for it."""
