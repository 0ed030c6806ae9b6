"""Who finds the entities of a text: a gazetteer in this process, or a service (sq.v1.NerService)."""

import os

# gRPC reads it when it is first imported. What its core has to say reaches us as errors; its own lines are no JSON.
os.environ.setdefault("GRPC_VERBOSITY", "NONE")
