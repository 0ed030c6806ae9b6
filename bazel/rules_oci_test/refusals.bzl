"""Targets that must fail to be analysed, and what they have to say."""

load("@rules_oci//oci:defs.bzl", "oci_image_index_rule", "oci_image_rule", "oci_push_rule")

def _refusal_impl(ctx):
    # A list, as the attribute has a transition.
    target = ctx.attr.target[0]
    found = [failure.message for failure in target[AnalysisFailureInfo].causes.to_list()] if AnalysisFailureInfo in target else []
    return [AnalysisTestResultInfo(
        success = len([message for message in found if ctx.attr.says in message]) > 0,
        message = "expected a failure that says: %s\nfound: %s" % (ctx.attr.says, found),
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

# Each with what it does wrong, and with what its message says.
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

def refusals_test(name):
    """A test a case, and a suite of them called name.

    Args:
      name: of the suite.
    """
    for case, (rule, attributes, says) in _CASES.items():
        target = "refused_" + case
        rule(name = target, tags = ["manual"], **attributes)
        _refusal_test(name = "%s_%s" % (name, case), says = says, target = ":" + target)
    native.test_suite(name = name, tests = ["%s_%s" % (name, case) for case in _CASES])
