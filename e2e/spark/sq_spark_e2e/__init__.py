"""The Spark engine, for real: every input, every answer, and what may go wrong."""
