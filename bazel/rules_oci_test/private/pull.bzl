"""Tests of the messages of oci_pull, a repository rule, whose failure no test can see."""

load("@rules_oci//oci/private:pull_check.bzl", "index_problem", "pull_problem")  # buildifier: disable=bzl-visibility
load("//bazel/rules_oci_test:said.bzl", "said_test")

_FILE, _DIGEST = "file:///layout", "sha256:00"

# Messages about attributes and about the layout.
_CASES = {
    "accepts": (pull_problem(_FILE, _DIGEST, {"is_bzlmod": False, "reproducible": True}), None),
    "accepts_layout": (index_problem(_FILE, _DIGEST, '{"manifests":[{"digest":"sha256:00"}]}'), None),
    "bazel_tags": (pull_problem(_FILE, _DIGEST, {"bazel_tags": ["x"]}), "'bazel_tags' is not implemented"),
    "config": (pull_problem(_FILE, _DIGEST, {"config": ":x"}), "'config' is not implemented"),
    "empty_layout": (index_problem(_FILE, _DIGEST, '{"manifests":[]}'), "file:///layout holds nothing, not sha256:00"),
    "is_bzlmod": (pull_problem(_FILE, _DIGEST, {"is_bzlmod": True}), "'is_bzlmod' is not implemented"),
    "no_digest": (pull_problem(_FILE, None, {}), "'digest' is mandatory"),
    "other_digest": (
        index_problem(_FILE, _DIGEST, '{"manifests":[{"digest":"sha256:11"}]}'),
        "file:///layout holds sha256:11, not sha256:00",
    ),
    "platforms": (pull_problem(_FILE, _DIGEST, {"platforms": ["linux/amd64"]}), "'platforms' is not implemented"),
    "registry": (pull_problem(_FILE, _DIGEST, {"registry": "r"}), "'registry' is not implemented"),
    "registry_mirrors": (pull_problem(_FILE, _DIGEST, {"registry_mirrors": ["m"]}), "'registry_mirrors' is not implemented"),
    "remote_image": (pull_problem("gcr.io/distroless/static", _DIGEST, {}), "'image' must be file://"),
    "repository": (pull_problem(_FILE, _DIGEST, {"repository": "r"}), "'repository' is not implemented"),
    "reproducible": (pull_problem(_FILE, _DIGEST, {"reproducible": False}), None),
    "tag": (pull_problem(_FILE, _DIGEST, {"tag": "latest"}), "'tag' is not implemented"),
    "www_authenticate": (
        pull_problem(_FILE, _DIGEST, {"www_authenticate_challenges": {"r.example": "Bearer"}}),
        "'www_authenticate_challenges' is not implemented",
    ),
    "www_authenticate_empty": (pull_problem(_FILE, _DIGEST, {"www_authenticate_challenges": {}}), None),
    "unknown": (pull_problem(_FILE, _DIGEST, {"nonsense": 1}), "'nonsense' is no attribute of oci_pull"),
}

def pull_test(name):
    """A test for each case, and a suite of them.

    Args:
      name: of the suite.
    """
    for case, (found, says) in _CASES.items():
        said_test(name = "%s_%s" % (name, case), found = found or "", says = says or "")
    native.test_suite(name = name, tests = ["%s_%s" % (name, case) for case in _CASES])
