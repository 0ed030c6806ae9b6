"""Taggers, which find the entities of a text: a gazetteer in this process, or a service (sq.v1.NerService)."""

import os

# gRPC reads this when it is imported. Its core would log lines that are not JSON; we get its errors as exceptions.
os.environ.setdefault("GRPC_VERBOSITY", "NONE")
