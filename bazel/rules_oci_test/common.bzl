"""A test that the targets beside an image have its attributes."""

load("@rules_oci//oci:defs.bzl", "oci_image", "oci_image_index", "oci_load", "oci_push")
load(":said.bzl", "said_test")

_COMMON = {
    "deprecation": "for the test",
    "exec_properties": {"memory": "small"},
    "features": ["-parse_headers"],
    "tags": ["manual"],
    "testonly": True,
    "visibility": ["//visibility:private"],
}

def _different(target):
    """The first attribute that a target does not have, or an empty text."""
    rule = native.existing_rule(target)
    if not rule:
        return "no target %s" % target
    for name, value in _COMMON.items():
        found = rule.get(name)

        # Bazel 4 gives lists as tuples, and labels for visibility.
        if str(found).strip("()[],").replace("\"", "") != str(value).strip("()[],").replace("\"", ""):
            return "%s: %s is %s, not %s" % (target, name, found, value)
    return ""

def common_test(name):
    """A test for each target that the macros declare beside the main one.

    Args:
      name: of the suite.
    """
    oci_image(
        name = name + "_image",
        base = ":base",
        env = {"A": "1"},
        exposed_ports = ["80"],
        **_COMMON
    )
    oci_image_index(
        name = name + "_index",
        annotations = {"a": "b"},
        images = [name + "_image"],
        **_COMMON
    )
    oci_load(name = name + "_load", image = name + "_image", repo_tags = ["a:1"], **_COMMON)
    oci_push(name = name + "_push", image = name + "_image", remote_tags = ["1"], **_COMMON)
    targets = [
        "image",
        "image.digest",
        "image_write_env",
        "image_write_exposed_ports",
        "index",
        "index.digest",
        "index_write_annotations",
        "load",
        "load_write_tags",
        "push",
        "push_write_tags",
    ]
    for target in targets:
        said_test(name = "%s_of_%s" % (name, target), found = _different("%s_%s" % (name, target)), says = "")
    native.test_suite(name = name, tests = ["%s_of_%s" % (name, target) for target in targets])
