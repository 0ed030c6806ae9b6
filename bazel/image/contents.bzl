"""What images have in common: their user, packages, environment, and layers of wheels."""

USER = "65532:65532"

# Layers of wheels that several images share, in their order in an image.
SHARED_WHEELS = ["common", "text", "source", "grpc", "openai", "numpy", "scipy", "trained"]

# What is in a layer below a shared one, so that each wheel is in one layer.
BELOW = {
    "common": [],
    "grpc": ["common"],
    "numpy": [],
    "openai": ["common"],
    "scipy": ["numpy"],
    "source": ["common"],
    "text": ["common"],
    "trained": ["common", "numpy", "openai"],
}

# Debian's packages, by the layer they are in.
SYSTEM_PACKAGES = ["base-files", "ca-certificates", "tzdata"]

LIBRARY_PACKAGES = [
    "libbz2-1.0",
    "libc6",
    "libcrypt1",
    "libexpat1",
    "libffi8",
    "libgcc-s1",
    "liblzma5",
    "libsqlite3-0",
    "libssl3",
    "libstdc++6",
    "libuuid1",
    "media-types",
    "netbase",
    "zlib1g",
]

PYTHON_PACKAGES = ["libpython3.11-minimal", "libpython3.11-stdlib", "python3.11-minimal"]

PYTHON_ENV = {
    "PATH": "/app/bin:/usr/local/bin:/usr/bin:/bin",
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONPATH": "/app:/app/site",
    "PYTHONSAFEPATH": "1",
}

# The files of the stages' wheels.
STAGES_SUMS = "@wheels_stages//:wheels.sha256"

# Wheels of other locks than that of the stages, and the Debian packages that they need, with their layer.
MORE_WHEELS = {
    "pictures": struct(
        debian = [],
        layer = None,
        lock = "//bazel/python/locks:pictures.lock",
        site = "@wheels_pictures//:site",
        sums = "@wheels_pictures//:wheels.sha256",
    ),
    "prophet": struct(
        debian = [],
        layer = None,
        lock = "//bazel/python/locks:prophet.lock",
        site = "@wheels_prophet//:site",
        sums = "@wheels_prophet//:wheels.sha256",
    ),
    "train": struct(
        debian = ["libgomp1"],
        layer = "//bazel/image:openmp",
        lock = "//bazel/python/locks:train.lock",
        site = "@wheels_train//:site",
        sums = "@wheels_train//:wheels.sha256",
    ),
}
