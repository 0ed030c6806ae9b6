"""The engine for logs that are too large for one machine."""
