"""The engine for a log that outgrows one machine. Importing it where there is no Spark raises InputError."""

from sq_stagekit import InputError

try:
    import pyspark  # noqa: F401
except ImportError as error:
    raise InputError(
        "engine", f"Spark is not part of this program ({error})", "take the image sq-generate-spark, or ENGINE_DUCKDB"
    ) from error
