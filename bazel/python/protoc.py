"""protoc, as the grpcio-tools wheel ships it."""

import sys

from grpc_tools import protoc

if __name__ == "__main__":
    sys.exit(protoc.main(sys.argv))
