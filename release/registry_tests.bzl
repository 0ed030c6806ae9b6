"""Tests of push and verify, on a registry with a password."""

load("//bazel:python.bzl", "sq_py_test")
load("//bazel/image:layers.bzl", "files_layer")
load(":changed_release.bzl", "changed_release")
load(":images.bzl", "IMAGES")

def registry_tests(name, tests):
    """The tests, and a stage's image that changed: under the same version, and under another one.

    Args:
      name: of the suite.
      tests: their names. The file of each is tests/<name>.py.
    """
    files_layer(name = "change", testonly = True, files = {"tests/releasing.py": "app/change"})
    changed_release(name = "changed", base = IMAGES["sq-ner-diff"], image = "sq-ner-diff", tars = [":change"])
    changed_release(
        name = "raised",
        base = ":changed",
        image = "sq-ner-diff",
        labels = {"org.opencontainers.image.version": "99.0.0"},
    )
    for test in tests:
        sq_py_test(
            name = test,
            size = "large",
            srcs = ["tests/releasing.py", "tests/%s.py" % test],
            data = [
                ":prune",
                ":push",
                ":table_changed",
                ":table_raised",
                ":verify",
                "//bazel/oci_tools:crane",
                "//bazel/oci_tools:regctl",
                "//bazel/oci_tools/cosign",
                "//dags",
                "//pipeline",
            ],
            deps = [":release", "//bazel/rules_oci_test:registry"],
        )
    native.test_suite(name = name, tests = tests)
