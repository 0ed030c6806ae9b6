"""The engine for a log that outgrows one machine."""
