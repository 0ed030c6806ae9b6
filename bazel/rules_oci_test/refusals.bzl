"""Tests of targets whose analysis must fail, and of the messages."""

load("@rules_oci//oci:defs.bzl", "oci_image_index_rule", "oci_image_rule", "oci_push_rule")
load("@rules_oci//oci/private:pull_check.bzl", "index_problem", "pull_problem")  # buildifier: disable=bzl-visibility

def _refusal_impl(ctx):
    # A list, because the attribute has a transition.
    target = ctx.attr.target[0]
    found = [failure.message for failure in target[AnalysisFailureInfo].causes.to_list()] if AnalysisFailureInfo in target else []
    return [AnalysisTestResultInfo(
        success = len([message for message in found if ctx.attr.says in message]) > 0,
        message = "expected a failure with: %s\nfound: %s" % (ctx.attr.says, found),
    )]

_refusal_test = rule(
    implementation = _refusal_impl,
    analysis_test = True,
    attrs = {
        "says": attr.string(mandatory = True),
        "target": attr.label(
            mandatory = True,
            cfg = analysis_test_transition(settings = {"//command_line_option:allow_analysis_failures": "True"}),
        ),
    },
)

# Attributes with a mistake, and a part of the message.
_CASES = {
    "base_and_platform": (oci_image_rule, dict(base = ":base", os = "linux"), "cannot be overridden"),
    "base_is_a_file": (oci_image_rule, dict(base = ":first"), "'base' must be an oci_image"),
    "no_platform": (oci_image_rule, dict(os = "linux"), "'os' and 'architecture' are mandatory"),
    "platforms": (oci_image_index_rule, dict(images = [":base"], platforms = [":base"]), "'platforms' is not implemented"),
    "repository_twice": (
        oci_push_rule,
        dict(image = ":base", repository = "a.example/b", repository_file = ":repository_file"),
        "must specify exactly one of",
    ),
    "repository_with_tag": (oci_push_rule, dict(image = ":base", repository = "a.example/b:1"), "should not contain digest or tag"),
    "resource_set": (oci_image_rule, dict(base = ":base", resource_set = "mem_512m"), "'resource_set' is not implemented"),
}

_FILE, _DIGEST = "file:///layout", "sha256:00"

# oci_pull is a repository rule: its messages about attributes and about the layout.
_PULL_CASES = {
    "pull_accepts": (pull_problem(_FILE, _DIGEST, {"is_bzlmod": False, "reproducible": True}), None),
    "pull_accepts_layout": (index_problem(_FILE, _DIGEST, '{"manifests":[{"digest":"sha256:00"}]}'), None),
    "pull_bazel_tags": (pull_problem(_FILE, _DIGEST, {"bazel_tags": ["x"]}), "'bazel_tags' is not implemented"),
    "pull_config": (pull_problem(_FILE, _DIGEST, {"config": ":x"}), "'config' is not implemented"),
    "pull_empty_layout": (index_problem(_FILE, _DIGEST, '{"manifests":[]}'), "file:///layout holds nothing, not sha256:00"),
    "pull_is_bzlmod": (pull_problem(_FILE, _DIGEST, {"is_bzlmod": True}), "'is_bzlmod' is not implemented"),
    "pull_no_digest": (pull_problem(_FILE, None, {}), "'digest' is mandatory"),
    "pull_other_digest": (
        index_problem(_FILE, _DIGEST, '{"manifests":[{"digest":"sha256:11"}]}'),
        "file:///layout holds sha256:11, not sha256:00",
    ),
    "pull_platforms": (pull_problem(_FILE, _DIGEST, {"platforms": ["linux/amd64"]}), "'platforms' is not implemented"),
    "pull_registry": (pull_problem(_FILE, _DIGEST, {"registry": "r"}), "'registry' is not implemented"),
    "pull_registry_mirrors": (pull_problem(_FILE, _DIGEST, {"registry_mirrors": ["m"]}), "'registry_mirrors' is not implemented"),
    "pull_remote_image": (pull_problem("gcr.io/distroless/static", _DIGEST, {}), "'image' must be file://"),
    "pull_repository": (pull_problem(_FILE, _DIGEST, {"repository": "r"}), "'repository' is not implemented"),
    "pull_reproducible": (pull_problem(_FILE, _DIGEST, {"reproducible": False}), None),
    "pull_tag": (pull_problem(_FILE, _DIGEST, {"tag": "latest"}), "'tag' is not implemented"),
    "pull_unknown": (pull_problem(_FILE, _DIGEST, {"nonsense": 1}), "'nonsense' is no attribute of oci_pull"),
}

def _said_impl(ctx):
    holds = ctx.attr.says in ctx.attr.found if ctx.attr.says else not ctx.attr.found
    return [AnalysisTestResultInfo(
        success = holds,
        message = "expected: %s\nfound: %s" % (ctx.attr.says or "nothing", ctx.attr.found),
    )]

_said_test = rule(
    implementation = _said_impl,
    analysis_test = True,
    attrs = {"found": attr.string(), "says": attr.string()},
)

def refusals_test(name):
    """A test for each case, and a suite of them.

    Args:
      name: of the suite.
    """
    for case, (rule, attributes, says) in _CASES.items():
        target = "refused_" + case
        rule(name = target, tags = ["manual"], **attributes)
        _refusal_test(name = "%s_%s" % (name, case), says = says, target = ":" + target)
    for case, (found, says) in _PULL_CASES.items():
        _said_test(name = "%s_%s" % (name, case), found = found or "", says = says or "")
    cases = list(_CASES) + list(_PULL_CASES)
    native.test_suite(name = name, tests = ["%s_%s" % (name, case) for case in cases])
